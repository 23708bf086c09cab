import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@throughline/contracts/define-event';
import type { Logger } from 'pino';
import type { SeekBack } from '../bus/bus.js';
import { PersonGrew } from '../persistence/streams.js';
import { isTransient } from '../persistence/transient.js';
import { Attempts } from './attempts.js';
import { BrokenAt } from './handling.js';
import type { Handling } from './handling.js';
import { handleBatch } from './message-batch.js';
import type { BatchOptions, BatchResult, Settled } from './message-batch.js';
import type { Incoming } from './message.js';
import { verdictOf } from './parked-rows.js';
import type { ToPark, Verdict } from './parked-rows.js';

export interface TriesOptions<S extends Service> extends Handling<S> {
  readonly logger: Logger;
  /** Told after commit. */
  readonly onSettled?: (settled: readonly Settled[]) => void;
  /** Waits after a transient failure, in ms. */
  readonly backoffMs?: readonly number[];
}

const BATCH_TRIES = 3;
const SINGLE_TRIES = 4;
const DEATHS = 3;
const MOST_RESTARTS = 20;
const FIRST_RETRY_MS = 1_000;

/**
 * Brings the messages of one transaction to their end: together; after three failures one by one; parked when that fails too.
 * What a killed reader may have had in hand is tried together once more, with the try written down first: only when a process
 * dies over it again are its messages taken one by one, so that the deadly one is found.
 */
export class Tries<S extends Service> {
  readonly #attempts: Attempts;
  readonly #backoffMs: readonly number[];

  constructor(
    private readonly options: TriesOptions<S>,
    private readonly stopping: AbortSignal,
    private readonly onBelow: (partitions: readonly number[]) => void,
  ) {
    this.#attempts = new Attempts(options.dataSource);
    this.#backoffMs = options.backoffMs ?? [50, 250, 1_000];
  }

  /** `counted`: the try is written down before it is made. Answers the partitions whose records begin above their position. */
  async settle(chunk: readonly Incoming[], counted: boolean): Promise<readonly SeekBack[]> {
    if (!counted) return this.#together(chunk);
    const records = chunk.map((one) => one.record);
    if (await this.#attempts.diedOver(records)) return this.#singly(chunk);
    await this.#attempts.beginAll(records);
    try {
      return await this.#attempt(chunk, { verdicts: new Map(), counted: true });
    } catch {
      // It lived: what is wrong shows on the ordinary way.
      await this.#attempts.takeBack(records);
    }
    return this.#together(chunk);
  }

  async #together(chunk: readonly Incoming[]): Promise<readonly SeekBack[]> {
    const verdicts = new Map<Incoming, Verdict>();
    for (let failures = 0; ; ) {
      try {
        return await this.#attempt(chunk, { verdicts });
      } catch (error) {
        if (this.stopping.aborted) throw error;
        if (this.#judged(chunk, error, verdicts)) continue;
        if (!isTransient(causeOf(error)) || ++failures >= BATCH_TRIES) return this.#singly(chunk);
        this.options.logger.warn({ err: causeOf(error), failures }, 'batch failed and is tried again');
        await this.#pause(this.#backoff(failures));
      }
    }
  }

  /** True when the record that broke the transaction is known, and the fault is its own: the next try parks it in its place. */
  #judged(chunk: readonly Incoming[], error: unknown, verdicts: Map<Incoming, Verdict>): boolean {
    if (!(error instanceof BrokenAt) || isTransient(error.cause)) return false;
    const culprit = chunk.find((one) => one.record === error.record);
    if (!culprit || verdicts.has(culprit)) return false;
    verdicts.set(culprit, verdictOf(error.cause));
    return true;
  }

  async #singly(chunk: readonly Incoming[]): Promise<readonly SeekBack[]> {
    const gaps = new Map<number, SeekBack>();
    for (const one of chunk) {
      if (gaps.has(one.record.partition)) continue;
      for (const gap of await this.#single(one)) gaps.set(gap.partition, gap);
    }
    return [...gaps.values()];
  }

  async #single(one: Incoming): Promise<readonly SeekBack[]> {
    if (one.read === undefined) return this.#attempt([one], { verdicts: new Map() });
    for (;;) {
      const { failures, died } = await this.#attempts.begin(one.record);
      const verdicts = new Map<Incoming, Verdict>();
      if (died >= DEATHS) verdicts.set(one, { state: 'parked', reason: 'process-died', detail: `The process ended ${died} times while it handled this message` });
      try {
        return await this.#alone(one, verdicts);
      } catch (error) {
        const cause = causeOf(error);
        // Written down before anything else: an outage rejects here, and parks nothing.
        await this.#attempts.failed(one.record);
        if (this.stopping.aborted || !isTransient(cause)) throw error;
        if (failures + 1 >= SINGLE_TRIES) {
          verdicts.set(one, { ...verdictOf(cause), state: 'waiting', reason: 'unavailable', nextAt: new Date(this.options.clock.now().getTime() + FIRST_RETRY_MS) });
          return this.#alone(one, verdicts);
        }
        await this.#pause(this.#backoff(failures + 1));
      }
    }
  }

  /** One message in its own transaction; an error of its own, even one that shows at the flush, parks it. */
  async #alone(one: Incoming, verdicts: Map<Incoming, Verdict>): Promise<readonly SeekBack[]> {
    try {
      return await this.#attempt([one], { verdicts, counted: true });
    } catch (error) {
      const cause = causeOf(error);
      if (isTransient(cause) || cause instanceof PersonGrew || verdicts.has(one)) throw error;
      verdicts.set(one, verdictOf(cause));
      return this.#attempt([one], { verdicts, counted: true });
    }
  }

  async #attempt(batch: readonly Incoming[], options: BatchOptions): Promise<readonly SeekBack[]> {
    for (let restarts = 0; ; restarts++) {
      try {
        const result = await handleBatch(this.options, batch[0]!.record.topic, batch, options);
        this.#tell(result);
        return result.gaps;
      } catch (error) {
        if (!(error instanceof PersonGrew) || restarts >= MOST_RESTARTS) throw error;
      }
    }
  }

  #tell({ settled, parked, below }: BatchResult): void {
    if (below.length > 0) this.onBelow(below);
    if (settled.length > 0) this.options.onSettled?.(settled);
    for (const one of parked) if (one.verdict.state !== 'behind') this.options.logger.error(logged(one), 'message parked');
  }

  #backoff(failures: number): number {
    return this.#backoffMs[Math.min(failures, this.#backoffMs.length) - 1] ?? 0;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.stopping }).catch(() => undefined);
  }
}

const causeOf = (error: unknown): unknown => (error instanceof BrokenAt ? error.cause : error);

const logged = ({ incoming: { record }, verdict }: ToPark): object => ({
  topic: record.topic,
  partition: record.partition,
  offset: record.offset,
  state: verdict.state,
  reason: verdict.reason,
});
