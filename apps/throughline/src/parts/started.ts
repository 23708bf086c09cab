interface Running {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/** What was started, in order; all of it is stopped in the reverse order, whatever fails on the way. */
export class Started {
  readonly #running: Running[] = [];

  add(name: string, stop: Running['stop']): void {
    this.#running.push({ name, stop });
  }

  /** Answers what could not be stopped in good order. */
  async stopAll(say: (line: string) => void = () => undefined): Promise<readonly string[]> {
    const failures: string[] = [];
    for (let next = this.#running.pop(); next; next = this.#running.pop()) {
      try {
        say(`stopping ${next.name}`);
        await next.stop();
      } catch (error) {
        failures.push(`${next.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }
}

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. Later ones change nothing: the stop is on its way and has its own limits. */
export const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => done(signal));
  });
