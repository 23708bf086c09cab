const ASK_MS = 3_000;
const EVERY_MS = 1_000;

/** How a copy looked when it was last asked. */
type Look = 'ready' | 'answers' | 'away';
const LOOKS: readonly Look[] = ['ready', 'answers', 'away'];

interface Copy {
  readonly url: string;
  look: Look;
}

const lookAt = async (url: string): Promise<Look> => {
  try {
    return (await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(ASK_MS) })).ok ? 'ready' : 'answers';
  } catch {
    return 'away';
  }
};

/**
 * Where the services are, each in one copy or several. Several are asked every second how they are; requests go to them turn
 * by turn, to those that look best first. One that is not ready still gets requests when no other is better: an outage of
 * Kafka makes all of them unready, and people go on working.
 */
export class Upstreams {
  readonly #copies: ReadonlyMap<string, readonly Copy[]>;
  readonly #turns = new Map<string, number>();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(urls: Readonly<Record<string, readonly string[]>>) {
    this.#copies = new Map(Object.entries(urls).map(([service, own]) => [service, own.map((url): Copy => ({ url, look: 'ready' }))]));
    const several = [...this.#copies.values()].filter((copies) => copies.length > 1).flat();
    if (several.length === 0) return;
    const asking = new Set<Copy>();
    this.#timer = setInterval(() => {
      for (const copy of several) {
        if (asking.has(copy)) continue;
        asking.add(copy);
        void lookAt(copy.url).then((look) => {
          copy.look = look;
          asking.delete(copy);
        });
      }
    }, EVERY_MS);
    this.#timer.unref();
  }

  get services(): readonly string[] {
    return [...this.#copies.keys()];
  }

  /** Base URLs of a service's copies; undefined when there is no such service. */
  of(service: string): readonly string[] | undefined {
    return this.#copies.get(service)?.map(({ url }) => url);
  }

  /** The copy whose turn it is, and behind it the others, to be tried when it cannot be reached. */
  inTurn(service: string): readonly string[] | undefined {
    const copies = this.#copies.get(service);
    if (!copies) return undefined;
    const turn = (this.#turns.get(service) ?? 0) % copies.length;
    this.#turns.set(service, turn + 1);
    const turned = [...copies.slice(turn), ...copies.slice(0, turn)];
    return LOOKS.flatMap((look) => turned.filter((copy) => copy.look === look)).map(({ url }) => url);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
