import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@throughline/contracts/define-event';
import type { Logger } from 'pino';
import type { BatchConsumer, BusRecord, PartitionId, SeekBack } from '../bus/bus.js';
import { PersonGrew } from '../persistence/streams.js';
import { isTransient } from '../persistence/transient.js';
import { Attempts } from './attempts.js';
import { BrokenAt } from './handling.js';
import type { Handling } from './handling.js';
import { handleBatch } from './message-batch.js';
import type { BatchOptions, BatchResult, Settled } from './message-batch.js';
import { incoming } from './message.js';
import type { Incoming } from './message.js';
import { verdictOf } from './parked-rows.js';
import type { ToPark, Verdict } from './parked-rows.js';
import { leavePositions, takePositions } from './positions.js';
import type { LogView, Mismatch } from './positions.js';

export interface TopicRunnerOptions<S extends Service> extends Handling<S> {
  /** The bus, or a log kept in a table. */
  readonly log: LogView;
  readonly logger: Logger;
  /** Told after commit. */
  readonly onSettled?: (settled: readonly Settled[]) => void;
  /** Waits after a transient failure, in ms. */
  readonly backoffMs?: readonly number[];
}

/** The reading side of one service, over any log. Hand it to `bus.subscribe`; `stop` after the subscription has stopped. */
export interface TopicRunner<S extends Service = Service> extends BatchConsumer {
  readonly handling: Handling<S>;
  /** Partitions that are not read because their log is not the one the position speaks of. */
  mismatches(): readonly Mismatch[];
  /** Gives up waiting between tries, and marks what was read as left in good order. */
  stop(): Promise<void>;
}

const MOST_IN_A_TRANSACTION = 200;
/** How far after a crash messages are taken one by one: no batch was larger. */
const SUSPECT = 200;
const BATCH_TRIES = 3;
const SINGLE_TRIES = 4;
const DEATHS = 3;
const MOST_RESTARTS = 20;
const FIRST_RETRY_MS = 1_000;
/** Nothing moves on a partition with a hole: do not ask for it in a tight loop. */
const GAP_PAUSE_MS = 250;

const nameOf = ({ topic, partition }: PartitionId): string => `${topic}/${partition}`;

class Runner<S extends Service> implements TopicRunner<S> {
  readonly #owner = randomUUID();
  readonly #held = new Map<string, PartitionId>();
  readonly #mismatches = new Map<string, Mismatch>();
  /** Offset below which messages are taken singly, per partition. */
  readonly #suspect = new Map<string, number>();
  /** Where a batch was sought back to; the same again means that the log has a hole. */
  readonly #sought = new Map<string, number>();
  readonly #attempts: Attempts;
  readonly #stopping = new AbortController();
  readonly #backoffMs: readonly number[];

  constructor(private readonly options: TopicRunnerOptions<S>) {
    this.#attempts = new Attempts(options.dataSource);
    this.#backoffMs = options.backoffMs ?? [50, 250, 1_000];
  }

  get handling(): Handling<S> {
    return this.options;
  }

  mismatches(): readonly Mismatch[] {
    return [...this.#mismatches.values()];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.revoked([...this.#held.values()]);
  }

  async assigned(partitions: readonly PartitionId[]): Promise<readonly SeekBack[]> {
    const { dataSource, log, logger } = this.options;
    const seeks: SeekBack[] = [];
    for (const topic of new Set(partitions.map((one) => one.topic))) {
      const wanted = partitions.filter((one) => one.topic === topic).map((one) => one.partition);
      const taken = await takePositions(dataSource, log, topic, wanted, this.#owner);
      for (const seek of taken.seeks) {
        this.#held.set(nameOf(seek), { topic, partition: seek.partition });
        this.#mismatches.delete(nameOf(seek));
        this.#sought.delete(nameOf(seek));
      }
      for (const { partition, offset, high } of taken.suspect) this.#suspect.set(nameOf({ topic, partition }), Math.min(offset + SUSPECT, high));
      for (const mismatch of taken.mismatches) this.#leaveOut(mismatch);
      if (taken.suspect.length > 0) logger.warn({ topic, partitions: taken.suspect.map((one) => one.partition) }, 'a reader was killed here: messages are taken one by one for a while');
      seeks.push(...taken.seeks);
    }
    return seeks;
  }

  async revoked(partitions: readonly PartitionId[]): Promise<void> {
    const held = partitions.filter((one) => this.#held.has(nameOf(one)));
    await leavePositions(this.options.dataSource, held, this.#owner);
    for (const one of held) this.#held.delete(nameOf(one));
    for (const one of partitions) this.#mismatches.delete(nameOf(one));
  }

  async deliver(records: readonly BusRecord[]): Promise<readonly SeekBack[]> {
    const gaps = new Map<string, SeekBack>();
    const behindGap = ({ record }: Incoming): boolean => gaps.has(nameOf(record));
    for (const record of records) {
      // Left out at assignment: whoever delivers it all the same is sent back, and nothing of it is handled.
      const mismatch = this.#mismatches.get(nameOf(record));
      if (mismatch && mismatch.reason !== 'gap') gaps.set(nameOf(record), { topic: mismatch.topic, partition: mismatch.partition, offset: mismatch.position });
    }
    const all = records.map((record) => incoming(record, this.options.read));
    for (let from = 0; from < all.length; from += MOST_IN_A_TRANSACTION) {
      const chunk = all.slice(from, from + MOST_IN_A_TRANSACTION).filter((one) => !behindGap(one));
      if (chunk.length === 0) continue;
      for (const gap of await this.#chunk(chunk)) gaps.set(nameOf(gap), gap);
    }
    this.#judgeGaps(records, gaps);
    if (gaps.size > 0 && records.every((record) => this.#mismatches.has(nameOf(record)))) await this.#pause(GAP_PAUSE_MS);
    return [...gaps.values()];
  }

  /** The first time, the reader may merely have begun in the wrong place. */
  #judgeGaps(records: readonly BusRecord[], gaps: ReadonlyMap<string, SeekBack>): void {
    for (const name of new Set(records.map(nameOf))) {
      const gap = gaps.get(name);
      const known = this.#mismatches.get(name);
      if (known && known.reason !== 'gap') continue;
      if (!gap) {
        this.#sought.delete(name);
        this.#mismatches.delete(name);
      } else if (this.#sought.get(name) === gap.offset) {
        this.#leaveOut({ topic: gap.topic, partition: gap.partition, reason: 'gap', position: gap.offset });
      } else this.#sought.set(name, gap.offset);
    }
  }

  #leaveOut(mismatch: Mismatch): void {
    const known = this.#mismatches.get(nameOf(mismatch));
    this.#mismatches.set(nameOf(mismatch), mismatch);
    if (known?.reason !== mismatch.reason) this.options.logger.error(mismatch, 'position and log disagree: this partition is not read');
  }

  async #chunk(chunk: readonly Incoming[]): Promise<readonly SeekBack[]> {
    const suspicious = chunk.some(({ record }) => record.offset < (this.#suspect.get(nameOf(record)) ?? 0));
    return suspicious ? this.#singly(chunk) : this.#together(chunk);
  }

  async #together(chunk: readonly Incoming[]): Promise<readonly SeekBack[]> {
    const verdicts = new Map<Incoming, Verdict>();
    for (let failures = 0; ; ) {
      try {
        return await this.#attempt(chunk, { verdicts });
      } catch (error) {
        if (this.#stopping.signal.aborted) throw error;
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
    const gaps = new Map<string, SeekBack>();
    for (const one of chunk) {
      if (gaps.has(nameOf(one.record))) continue;
      for (const gap of await this.#single(one)) gaps.set(nameOf(gap), gap);
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
        if (this.#stopping.signal.aborted || !isTransient(cause)) throw error;
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
      return await this.#attempt([one], { verdicts, single: true });
    } catch (error) {
      const cause = causeOf(error);
      if (isTransient(cause) || cause instanceof PersonGrew || verdicts.has(one)) throw error;
      verdicts.set(one, verdictOf(cause));
      return this.#attempt([one], { verdicts, single: true });
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

  #tell({ settled, parked }: BatchResult): void {
    if (settled.length > 0) this.options.onSettled?.(settled);
    for (const one of parked) if (one.verdict.state !== 'behind') this.options.logger.error(logged(one), 'message parked');
  }

  #backoff(failures: number): number {
    return this.#backoffMs[Math.min(failures, this.#backoffMs.length) - 1] ?? 0;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
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

export const createTopicRunner = <S extends Service>(options: TopicRunnerOptions<S>): TopicRunner<S> => new Runner(options);
