import { setTimeout as delay } from 'node:timers/promises';
import { inTransaction, type PgSql } from '@throughline/platform/persistence/database';
import { isTransient } from '@throughline/platform/persistence/transient';
import type { DataSource } from 'typeorm';
import { NotStored } from '../../application/ports.js';

/** One thing to do in the shared transaction. It may be run again, in another one, when the first fails. */
export interface Share {
  readonly bytes: number;
  readonly settle: (result: { readonly value: unknown } | { readonly error: unknown }) => void;
}

export type Outcomes<S extends Share> = ReadonlyMap<S, { readonly value: unknown } | { readonly error: unknown }>;

const MAX_SHARES = 200;
const MAX_BYTES = 16 * 1024 * 1024;
/** Together shorter than the five seconds after which senders give up waiting. */
const BACKOFF_MS = [20, 100, 400, 1_000, 2_000];

/**
 * Gathers what arrives while a transaction runs into the next one: no wait when idle, bigger groups under load; always in the
 * order in which it came, which is the order of the log (rows are locked in another one, that is `store`'s affair). A group
 * that fails for a passing reason is tried again; one that fails for good is taken apart and tried one by one, so that
 * what the database refuses costs nobody else.
 */
export class GroupCommit<S extends Share> {
  readonly #waiting: S[] = [];
  #running: Promise<void> | undefined;

  /** @param run works off the shares in one transaction and answers for each; what it throws fails the whole group */
  constructor(
    private readonly dataSource: DataSource,
    private readonly run: (sql: PgSql, shares: readonly S[]) => Promise<Outcomes<S>>,
    private readonly committed: (shares: number) => void,
  ) {}

  join(share: S): void {
    this.#waiting.push(share);
    this.#running ??= this.#work();
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #work(): Promise<void> {
    try {
      // Let whatever the same turn of the event loop brings join the first group.
      await new Promise((resolve) => setImmediate(resolve));
      while (this.#waiting.length > 0) await this.#group(this.#next());
    } finally {
      // In the same breath as the last look: whoever joins right upon an answer finds the loop, or nobody at work.
      this.#running = undefined;
    }
  }

  #next(): readonly S[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && count < MAX_SHARES && (count === 0 || bytes + this.#waiting[count]!.bytes <= MAX_BYTES)) {
      bytes += this.#waiting[count]!.bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #group(shares: readonly S[]): Promise<void> {
    try {
      const outcomes = await this.#tries(shares);
      this.committed(shares.length);
      for (const share of shares) share.settle(outcomes.get(share) ?? { error: new NotStored('The group did not answer for it') });
    } catch (error) {
      if (shares.length === 1 || isTransient(error)) {
        const failure = new NotStored('The message could not be stored', { cause: error });
        for (const share of shares) share.settle({ error: failure });
        return;
      }
      for (const share of shares) await this.#group([share]);
    }
  }

  async #tries(shares: readonly S[]): Promise<Outcomes<S>> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await inTransaction(this.dataSource, (sql) => this.run(sql, shares));
      } catch (error) {
        const wait = BACKOFF_MS[failures];
        if (!isTransient(error) || wait === undefined) throw error;
        await delay(wait);
      }
    }
  }
}
