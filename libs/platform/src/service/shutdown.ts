import type { Logger } from 'pino';

/** From here on the log names what the stop waits for. */
const LONG_MS = 3_000;

/**
 * Takes down the parts of a service, each within a limit: whoever stops a service kills it when that takes too long, and what
 * the parts after the slow one still had to give back would be lost to that.
 */
export class Shutdown {
  constructor(private readonly logger: Logger) {}

  /** Resolves when `work` has ended, however, or when its time is over: it then goes on behind our back. */
  async end(part: string, limitMs: number, work: () => Promise<unknown> | undefined): Promise<void> {
    const began = Date.now();
    const ms = (): number => Date.now() - began;
    const long = setTimeout(() => this.logger.info({ name: part, ms: ms() }, 'the stop waits for a part'), LONG_MS);
    let limit: NodeJS.Timeout | undefined;
    const over = new Promise<'over'>((resolve) => (limit = setTimeout(() => resolve('over'), limitMs)));
    try {
      const how = await Promise.race([Promise.resolve().then(work), over]);
      if (how === 'over') this.logger.warn({ name: part, ms: ms() }, 'part did not stop in time, going on without it');
    } catch (error) {
      this.logger.warn({ name: part, err: error }, 'part did not stop cleanly');
    } finally {
      clearTimeout(long);
      clearTimeout(limit);
    }
  }
}
