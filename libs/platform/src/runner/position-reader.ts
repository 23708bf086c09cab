import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { BatchConsumer, BusRecord, PartitionId, SeekBack } from '../bus/bus.js';
import { disagreements, leavePositions, listPositions, takePositions } from './positions.js';
import type { LogView, Mismatch } from './positions.js';

export interface PositionReaderOptions {
  readonly dataSource: DataSource;
  readonly logger: Logger;
  /** The bus, or a log kept in a table. */
  readonly log: LogView;
  /** A partition silent for longer is compared with its log before its next record is handled, in ms. */
  readonly silenceMs?: number;
}

/**
 * Brings records of one topic to their end and moves their positions on. `counted`: their last reader was killed with some of
 * them in hand. Answers the partitions whose records begin above their position.
 */
export type Settle = (records: readonly BusRecord[], counted: boolean) => Promise<readonly SeekBack[]>;

const MOST_IN_A_TRANSACTION = 200;
/** How far after a crash batches are counted: none was larger. */
const SUSPECT = 200;
const SILENCE_MS = 2_000;

const nameOf = ({ topic, partition }: PartitionId): string => `${topic}/${partition}`;
/** Nothing of it is handled until an operator has decided. */
const left = ({ topic, partition, position }: Mismatch): SeekBack => ({ topic, partition, offset: position, leave: true });

/** The reading side of any log: keeps positions and log in agreement, whatever becomes of the records. */
export class PositionReader implements BatchConsumer {
  readonly #owner = randomUUID();
  readonly #held = new Map<string, PartitionId>();
  readonly #mismatches = new Map<string, Mismatch>();
  /** Offset below which tries are counted, per partition: the last reader was killed with some of it in hand. */
  readonly #suspect = new Map<string, number>();
  /** Where a batch was sought back to; the same again means that the log has a hole. */
  readonly #sought = new Map<string, number>();
  /** Where the reader of each held partition stands, and when something last came from it. */
  readonly #next = new Map<string, number>();
  readonly #heardAt = new Map<string, number>();
  /** Partitions of the batch in hand that had records below their position. */
  readonly #below = new Set<number>();
  readonly #stopping = new AbortController();
  readonly #settle: Settle;

  /** @param settleWith told when the reader stops, and whom to tell of records below their position */
  constructor(
    private readonly options: PositionReaderOptions,
    settleWith: (stopping: AbortSignal, onBelow: (partitions: readonly number[]) => void) => Settle,
  ) {
    this.#settle = settleWith(this.#stopping.signal, (partitions) => partitions.forEach((one) => this.#below.add(one)));
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
        this.#next.set(nameOf(seek), seek.offset);
        this.#heardAt.set(nameOf(seek), performance.now());
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
    for (const one of partitions) for (const known of [this.#mismatches, this.#next, this.#heardAt]) known.delete(nameOf(one));
  }

  async deliver(records: readonly BusRecord[]): Promise<readonly SeekBack[]> {
    await this.#afterSilence(records);
    const gaps = new Map<string, SeekBack>();
    const behindGap = (record: BusRecord): boolean => gaps.has(nameOf(record));
    for (const record of records) {
      const mismatch = this.#mismatches.get(nameOf(record));
      if (mismatch && mismatch.reason !== 'gap') gaps.set(nameOf(record), left(mismatch));
    }
    for (let from = 0; from < records.length; from += MOST_IN_A_TRANSACTION) {
      const chunk = records.slice(from, from + MOST_IN_A_TRANSACTION).filter((one) => !behindGap(one));
      if (chunk.length === 0) continue;
      const counted = chunk.some((record) => record.offset < (this.#suspect.get(nameOf(record)) ?? 0));
      for (const gap of await this.#settle(chunk, counted)) gaps.set(nameOf(gap), gap);
    }
    this.#judgeGaps(records, gaps);
    for (const seek of await this.#judgeBelow(records[0]?.topic)) gaps.set(nameOf(seek), seek);
    for (const record of records) this.#next.set(nameOf(record), gaps.get(nameOf(record))?.offset ?? record.offset + 1);
    return [...gaps.values()];
  }

  /** The first time, the reader may merely have begun in the wrong place. */
  #judgeGaps(records: readonly BusRecord[], gaps: Map<string, SeekBack>): void {
    for (const name of new Set(records.map(nameOf))) {
      const gap = gaps.get(name);
      const known = this.#mismatches.get(name);
      if (known && known.reason !== 'gap') continue;
      if (!gap) {
        this.#sought.delete(name);
        this.#mismatches.delete(name);
      } else if (this.#sought.get(name) === gap.offset) {
        const mismatch: Mismatch = { topic: gap.topic, partition: gap.partition, reason: 'gap', position: gap.offset };
        this.#leaveOut(mismatch);
        gaps.set(name, left(mismatch));
      } else this.#sought.set(name, gap.offset);
    }
  }

  /**
   * What lies below a position was handled before, or the topic was made anew under a running reader, and its records are new
   * ones. Such a repeat is rare, and the log is asked.
   */
  async #judgeBelow(topic: string | undefined): Promise<readonly SeekBack[]> {
    if (topic === undefined || this.#below.size === 0) return [];
    const { dataSource, log } = this.options;
    const partitions = [...this.#below];
    this.#below.clear();
    const mismatches = await disagreements(dataSource, log, topic, partitions);
    for (const mismatch of mismatches) this.#leaveOut(mismatch);
    return mismatches.map(left);
  }

  #leaveOut(mismatch: Mismatch): void {
    const known = this.#mismatches.get(nameOf(mismatch));
    this.#mismatches.set(nameOf(mismatch), mismatch);
    if (known?.reason !== mismatch.reason) this.options.logger.error(mismatch, 'position and log disagree: this partition is not read');
  }

  /**
   * A topic that is deleted and made anew within a moment tells its readers nothing. So a partition that has been silent is
   * compared with its log before what comes next is believed to follow what came last.
   */
  async #afterSilence(records: readonly BusRecord[]): Promise<void> {
    const { dataSource, log } = this.options;
    const now = performance.now();
    const silent = new Map<string, BusRecord>();
    for (const record of records) {
      const name = nameOf(record);
      if (!silent.has(name) && this.#next.has(name) && now - (this.#heardAt.get(name) ?? now) > (this.options.silenceMs ?? SILENCE_MS)) silent.set(name, record);
    }
    const [first] = silent.values();
    if (first && log.remakable) for (const mismatch of await disagreements(dataSource, log, first.topic, [...silent.values()].map((one) => one.partition))) this.#leaveOut(mismatch);
    for (const record of records) this.#heardAt.set(nameOf(record), now);
  }

  async astray(topic: string): Promise<readonly SeekBack[]> {
    const { dataSource, log } = this.options;
    const read = [...this.#held].filter(([name, one]) => one.topic === topic && !this.#mismatches.has(name)).map(([, one]) => one.partition);
    if (read.length === 0) return [];
    const mismatches = await disagreements(dataSource, log, topic, read);
    for (const mismatch of mismatches) this.#leaveOut(mismatch);
    const putBack = (await listPositions(dataSource)).filter(
      (row) => row.topic === topic && read.includes(row.partition) && !this.#mismatches.has(nameOf(row)) && row.nextOffset < (this.#next.get(nameOf(row)) ?? 0),
    );
    return [...mismatches.map(left), ...putBack.map(({ partition, nextOffset }) => ({ topic, partition, offset: nextOffset }))];
  }
}
