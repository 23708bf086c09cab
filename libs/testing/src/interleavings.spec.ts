import fc from 'fast-check';
import { idOf } from '@throughline/kernel/ids';
import { interleave, turns, unevenVersions } from './interleavings.js';

interface Item {
  readonly stream: string;
  readonly n: number;
}

const items: Item[] = ['a', 'b'].flatMap((stream) => [1, 2, 3].map((n) => ({ stream, n })));
const streamOf = (item: Item): string => item.stream;
const said = (order: readonly Item[]): string => order.map(({ stream, n }) => `${stream}${n}`).join(' ');

describe('interleave', () => {
  it('loses nothing and keeps the order of each stream', () => {
    fc.assert(
      fc.property(turns, (chosen) => {
        const first = [...new Set(interleave(items, chosen, { streamOf }))];
        expect(first).toHaveLength(items.length);
        for (const stream of ['a', 'b']) expect(first.filter((item) => item.stream === stream).map(({ n }) => n)).toEqual([1, 2, 3]);
      }),
    );
  });

  it('goes straight when nothing is chosen', () => {
    expect(said(interleave(items, [], { streamOf }))).toBe('a1 a2 a3 b1 b2 b3');
  });

  it('comes upon every order there is, and upon repeats', () => {
    const found = new Set<string>();
    let repeated = 0;
    for (const chosen of fc.sample(turns, 1_000)) {
      const order = interleave(items, chosen, { streamOf });
      if (order.length > items.length) repeated += 1;
      found.add(said([...new Set(order)]));
    }
    // 6 over 3: which three of the six places are a's.
    expect(found.size).toBe(20);
    expect(repeated).toBeGreaterThan(500);
  });

  it('holds back what waits, and repeats only what may come twice', () => {
    const waits = (item: Item, left: readonly Item[]): boolean => item.stream === 'a' && item.n === 1 && left.some(({ stream }) => stream === 'b');
    fc.assert(
      fc.property(turns, (chosen) => {
        const order = interleave(items, chosen, { streamOf, waits, repeats: (item) => item.stream === 'a' });
        expect(said([...new Set(order)])).toBe('b1 b2 b3 a1 a2 a3');
        expect(order.filter(({ stream }) => stream === 'b')).toHaveLength(3);
      }),
    );
    expect(() => interleave(items, [], { streamOf, waits: () => true })).toThrow('Everything waits');
  });
});

describe('unevenVersions', () => {
  const fact = (contactId: string, version: number) => ({ type: 'care.contact.recorded.v1', data: { contactId, version } });
  const [one, two] = [idOf('test', 'contact', 1), idOf('test', 'contact', 2)] as const;

  it('names the subjects with a hole or a number given twice', () => {
    expect(unevenVersions([fact(one, 1), fact(two, 1), fact(one, 2)])).toEqual([]);
    expect(unevenVersions([fact(one, 1), fact(two, 1), fact(one, 3)])).toEqual([one]);
    expect(unevenVersions([fact(one, 1), fact(two, 1), fact(two, 1)])).toEqual([two]);
  });
});
