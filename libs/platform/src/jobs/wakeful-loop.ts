export interface WakefulLoopOptions {
  /** One round; answers true when there may be more to do at once. */
  readonly round: () => Promise<boolean>;
  readonly pollMs: number;
  /** Told once when rounds begin to fail, and once when they work again (null). */
  readonly onChange: (error: unknown) => void;
  readonly longestBackoffMs?: number;
}

/** Runs rounds one at a time: at a ring, at the latest every `pollMs`, and with growing pauses while they fail. It never dies. */
export class WakefulLoop {
  #endRest: (() => void) | undefined;
  #failures = 0;
  #rung = false;
  #stopping = false;
  #loop: Promise<void> | undefined;

  constructor(private readonly options: WakefulLoopOptions) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  ring(): void {
    this.#rung = true;
    // While rounds fail, rings do not shorten the pause: a busy service must not hammer a store that is away.
    if (this.#failures === 0) this.#endRest?.();
  }

  /** Resolves when the round in hand is over. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#endRest?.();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#rung = false;
      if (!(await this.#round())) await this.#rest();
    }
  }

  async #round(): Promise<boolean> {
    try {
      const more = await this.options.round();
      if (this.#failures > 0) this.options.onChange(null);
      this.#failures = 0;
      return more;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1) this.options.onChange(error);
      return false;
    }
  }

  #rest(): Promise<void> {
    const { pollMs, longestBackoffMs = 5_000 } = this.options;
    if (this.#stopping || (this.#rung && this.#failures === 0)) return Promise.resolve();
    const ms = Math.max(pollMs, Math.min(pollMs * 2 ** Math.min(this.#failures, 10), longestBackoffMs));
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#endRest = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#endRest = end;
    });
  }
}
