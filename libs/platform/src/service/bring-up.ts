import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { LoggableError, safeError } from '../telemetry/safe-error.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Says why a part is not up, in words that may be shown to anyone. */
export class NotUp extends Error {
  override readonly name = 'NotUp';
  readonly loggable = true;
}

const reasonOf = (error: unknown): string => {
  if (error instanceof NotUp || error instanceof LoggableError) return error.message;
  const { code, name } = safeError(error);
  return `not up yet (${code ?? name})`;
};

/** Brings the parts of a service up, each as soon as what it needs answers; a server that is away delays its part and ends nothing. */
export class BringUp {
  readonly #stopping = new AbortController();
  readonly #waiting = new Map<string, string>();

  constructor(private readonly logger: Logger) {}

  /** Part -> why it is not up. */
  get waiting(): ReadonlyMap<string, string> {
    return this.#waiting;
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Resolves true once `run` did, false when the service stops before that. `onFailure` is told of every try that failed. */
  async part(name: string, run: () => Promise<void>, onFailure?: () => void): Promise<boolean> {
    if (!this.#waiting.has(name)) this.#waiting.set(name, 'starting');
    for (let pause = FIRST_PAUSE_MS; !this.stopped; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await run();
        this.#waiting.delete(name);
        if (pause > FIRST_PAUSE_MS) this.logger.info({ name }, 'part is up');
        return true;
      } catch (error) {
        const reason = reasonOf(error);
        if (this.#waiting.get(name) !== reason) this.logger.warn({ name, err: error }, 'part is not up yet, trying again');
        this.#waiting.set(name, reason);
        onFailure?.();
        await delay(pause, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  /** Gives up what is still tried. */
  stop(): void {
    this.#stopping.abort();
  }
}
