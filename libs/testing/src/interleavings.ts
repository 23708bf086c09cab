import { routeOf } from '@throughline/contracts/flow';
import fc from 'fast-check';

/** Which of what could come next does, and whether something that came before comes once more. All zero: straight, without repeats. */
export interface Turn {
  readonly next: number;
  readonly again: number;
}

const STRAIGHT: Turn = { next: 0, again: 0 };

/** What fast-check chooses an order by, and shrinks towards the straight one. */
export const turns: fc.Arbitrary<readonly Turn[]> = fc.array(fc.record({ next: fc.nat(1_000), again: fc.nat(1_000) }), { minLength: 40, maxLength: 40 });

export interface Bonds<Item> {
  /** Items of one stream keep their order, as events of one key and topic do. */
  readonly streamOf: (item: Item) => string;
  /** Whether it cannot come before something that is still to come. */
  readonly waits?: (item: Item, left: readonly Item[]) => boolean;
  /** Whether it may come twice, as every event may and nothing that a person does. */
  readonly repeats?: (item: Item) => boolean;
}

/** One order that the items may reach a service in. */
export const interleave = <Item>(items: readonly Item[], chosen: readonly Turn[], { streamOf, waits = () => false, repeats = () => true }: Bonds<Item>): Item[] => {
  const left = [...items];
  const out: Item[] = [];
  const came: Item[] = [];
  for (let i = 0; left.length > 0; i++) {
    const { next, again } = chosen[i] ?? STRAIGHT;
    const ready = left.filter((item, at) => !left.slice(0, at).some((earlier) => streamOf(earlier) === streamOf(item)) && !waits(item, left));
    if (ready.length === 0) throw new Error('Everything waits for something else');
    const item = ready[next % ready.length]!;
    left.splice(left.indexOf(item), 1);
    out.push(item);
    if (repeats(item)) came.push(item);
    if (again % 3 === 1 && came.length > 0) out.push(came[Math.floor(again / 3) % came.length]!);
  }
  return out;
};

/** The version that a subject's next fact has. */
export const risingVersions = (): ((subject: string) => number) => {
  const versions = new Map<string, number>();
  return (subject) => {
    const version = (versions.get(subject) ?? 0) + 1;
    versions.set(subject, version);
    return version;
  };
};

/** Subjects whose published versions are not 1, 2, 3, ...: two facts share a number, or one was never told. */
export const unevenVersions = (published: readonly { readonly type: string; readonly data: { readonly version: number } }[]): string[] => {
  const expected = risingVersions();
  const uneven = published.map(({ type, data }) => ({ subject: routeOf(type)!.event.subject(data as never), version: data.version })).filter(({ subject, version }) => version !== expected(subject));
  return [...new Set(uneven.map(({ subject }) => subject))];
};
