import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@throughline/contracts/define-event';
import type { BatchConsumer, BusRecord, PartitionId, SeekBack } from '../bus/bus.js';
import type { Handling } from './handling.js';
import { incoming } from './message.js';
import type { Incoming } from './message.js';
import { disagreements, leavePositions, takePositions } from './positions.js';
import type { LogView, Mismatch } from './positions.js';
import { Tries } from './tries.js';
import type { TriesOptions } from './tries.js';

export interface TopicRunnerOptions<S extends Service> extends TriesOptions<S> {
  /** The bus, or a log kept in a table. */
  readonly log: LogView;
  /** How often a partition whose log disagrees is looked at again, in ms. */
  readonly lookAgainMs?: number;
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
/** How far after a crash batches are counted: none was larger. */
const SUSPECT = 200;
/** Nothing moves on a partition with a hole: do not ask for it in a tight loop. */
const GAP_PAUSE_MS = 250;
const LOOK_AGAIN_MS = 5_000;

const nameOf = ({ topic, partition }: PartitionId): string => `${topic}/${partition}`;

class Runner<S extends Service> implements TopicRunner<S> {
  readonly #owner = randomUUID();
  readonly #held = new Map<string, PartitionId>();
  readonly #mismatches = new Map<string, Mismatch>();
  /** Offset below which tries are counted, per partition: the last reader was killed with some of it in hand. */
  readonly #suspect = new Map<string, number>();
  /** Where a batch was sought back to; the same again means that the log has a hole. */
  readonly #sought = new Map<string, number>();
  /** Partitions of the batch in hand that had records below their position. */
  readonly #below = new Set<number>();
  readonly #stopping = new AbortController();
  readonly #tries: Tries<S>;
  #lookingAgain: NodeJS.Timeout | undefined;

  constructor(private readonly options: TopicRunnerOptions<S>) {
    this.#tries = new Tries(options, this.#stopping.signal, (partitions) => partitions.forEach((one) => this.#below.add(one)));
  }

  get handling(): Handling<S> {
    return this.options;
  }

  mismatches(): readonly Mismatch[] {
    return [...this.#mismatches.values()];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#lookingAgain);
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
      if (taken.suspect.length > 0) logger.warn({ topic, partitions: taken.suspect.map((one) => one.partition) }, 'a reader was killed here: what it may have had in hand is tried with care');
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
      // Not to be read: whoever delivers it all the same is sent back, and nothing of it is handled.
      const mismatch = this.#mismatches.get(nameOf(record));
      if (mismatch && mismatch.reason !== 'gap') gaps.set(nameOf(record), { topic: mismatch.topic, partition: mismatch.partition, offset: mismatch.position });
    }
    const all = records.map((record) => incoming(record, this.options.read));
    for (let from = 0; from < all.length; from += MOST_IN_A_TRANSACTION) {
      const chunk = all.slice(from, from + MOST_IN_A_TRANSACTION).filter((one) => !behindGap(one));
      if (chunk.length === 0) continue;
      const counted = chunk.some(({ record }) => record.offset < (this.#suspect.get(nameOf(record)) ?? 0));
      for (const gap of await this.#tries.settle(chunk, counted)) gaps.set(nameOf(gap), gap);
    }
    this.#judgeGaps(records, gaps);
    await this.#judgeBelow(records[0]?.topic);
    if (gaps.size > 0 && records.every((record) => this.#mismatches.has(nameOf(record)))) await delay(GAP_PAUSE_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
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

  /**
   * What lies below a position was handled before, or the topic was made anew under a running reader, and its records are new
   * ones. Such a repeat is rare, and the log is asked.
   */
  async #judgeBelow(topic: string | undefined): Promise<void> {
    if (topic === undefined || this.#below.size === 0) return;
    const { dataSource, log } = this.options;
    const partitions = [...this.#below];
    this.#below.clear();
    for (const mismatch of await disagreements(dataSource, log, topic, partitions)) this.#leaveOut(mismatch);
  }

  #leaveOut(mismatch: Mismatch): void {
    const known = this.#mismatches.get(nameOf(mismatch));
    this.#mismatches.set(nameOf(mismatch), mismatch);
    if (known?.reason !== mismatch.reason) this.options.logger.error(mismatch, 'position and log disagree: this partition is not read');
    this.#lookAgain();
  }

  /** One that was left out at its assignment is asked for again by whoever delivers; one that is held, here. */
  #lookAgain(): void {
    if (this.#stopping.signal.aborted) return;
    this.#lookingAgain ??= setTimeout(() => {
      this.#lookingAgain = undefined;
      this.#recheck()
        .catch((error: unknown) => this.options.logger.warn({ err: error }, 'position and log could not be compared'))
        .finally(() => this.#mismatches.size > 0 && this.#lookAgain());
    }, this.options.lookAgainMs ?? LOOK_AGAIN_MS).unref();
  }

  async #recheck(): Promise<void> {
    const { dataSource, log, logger } = this.options;
    const held = [...this.#mismatches.values()].filter((one) => one.reason !== 'gap' && this.#held.has(nameOf(one)));
    for (const topic of new Set(held.map((one) => one.topic))) {
      const partitions = held.filter((one) => one.topic === topic).map((one) => one.partition);
      const still = new Map((await disagreements(dataSource, log, topic, partitions)).map((one) => [one.partition, one]));
      for (const partition of partitions) {
        const mismatch = still.get(partition);
        if (mismatch) this.#mismatches.set(nameOf(mismatch), mismatch);
        else if (this.#mismatches.delete(nameOf({ topic, partition }))) logger.info({ topic, partition }, 'position and log agree again: this partition is read');
      }
    }
  }
}

export const createTopicRunner = <S extends Service>(options: TopicRunnerOptions<S>): TopicRunner<S> => new Runner(options);
