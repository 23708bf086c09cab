import { isAlive, partOf, type Part } from '../home/home.js';

/** A server or process that this program started. */
export interface LivePart {
  readonly name: string;
  readonly pid: number;
  readonly port?: number;
  /** Resolves when it ends, whoever ended it; says how where that is known. */
  readonly exited: Promise<string | void>;
  stop(): Promise<void>;
}

/**
 * The parts of a stack. One that ends is reported and stays down: nothing is started again unless somebody asks for it,
 * because a part that comes back by itself hides why it went.
 */
export class LiveParts {
  readonly #starters = new Map<string, () => Promise<LivePart>>();
  readonly #live = new Map<string, LivePart>();
  #stopping = false;

  constructor(
    private readonly say: (line: string) => void,
    private readonly changed: () => void,
  ) {}

  async add(name: string, start: () => Promise<LivePart>): Promise<LivePart> {
    this.#starters.set(name, start);
    return this.#begin(name, start);
  }

  get parts(): readonly Part[] {
    return [...this.#live.values()].map(({ name, pid, port }) => partOf(name, pid, port));
  }

  /** Starts a part that has ended. False when it still runs; undefined when there is no such part. */
  async startAgain(name: string): Promise<boolean | undefined> {
    const start = this.#starters.get(name);
    if (!start) return undefined;
    const before = this.#live.get(name);
    if (before && isAlive(partOf(name, before.pid))) return false;
    // Gone already, though the news may not have come yet.
    await before?.exited;
    await this.#begin(name, start);
    this.changed();
    return true;
  }

  /** In the reverse order of their start. Answers what could not be stopped in good order. */
  async stop(): Promise<readonly string[]> {
    this.#stopping = true;
    const failures: string[] = [];
    for (const name of [...this.#starters.keys()].reverse()) {
      const part = this.#live.get(name);
      if (!part) continue;
      this.say(`  stopping ${name} (process ${part.pid})`);
      await part.stop().catch((error: unknown) => failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`));
    }
    return failures;
  }

  async #begin(name: string, start: () => Promise<LivePart>): Promise<LivePart> {
    const part = await start();
    this.#live.set(name, part);
    this.say(`  ${name}: process ${part.pid}${part.port === undefined ? '' : `, port ${part.port}`}`);
    void part.exited.then((how) => {
      if (this.#live.get(name) === part) this.#live.delete(name);
      if (this.#stopping) return;
      this.say(`${name} (process ${part.pid}) has ended${how ? ` (${how})` : ''}. It stays down; \`throughline restart ${name}\` starts it again.`);
      this.changed();
    });
    return part;
  }
}
