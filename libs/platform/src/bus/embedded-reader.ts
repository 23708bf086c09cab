import type { Logger } from 'pino';
import { Backoff } from './backoff.js';
import type { BatchConsumer, BusRecord, PartitionSpan, SeekBack } from './bus.js';
import { Wake } from './wake.js';

export const MOST_RECORDS = 200;

export type ReadRecords = (topic: string, from: readonly SeekBack[], limit: number) => Promise<readonly BusRecord[]>;

/**
 * Reads one topic for one group: the next records of all its partitions together, handed over one batch at a time. The next
 * read begins when the batch in hand is committed; a batch that is refused is handed over again.
 */
export class EmbeddedReader {
  /** Next offset by partition; a partition that is not here is not read. */
  readonly #next = new Map<number, number>();
  readonly #heads = new Map<number, number>();
  readonly #wake = new Wake();
  readonly #backoff = new Backoff(100, 5_000);
  #stopping = false;
  #unnoted = false;
  #loop: Promise<void> | undefined;

  constructor(
    readonly group: string,
    readonly topic: string,
    private readonly consumer: BatchConsumer,
    private readonly read: ReadRecords,
    private readonly logger: Logger | undefined,
  ) {}

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.ring();
    await this.#loop;
  }

  has(partition: number): boolean {
    return this.#next.has(partition);
  }

  seek(partition: number, offset: number): void {
    this.#next.set(partition, offset);
    this.#unnoted = true;
    this.#wake.ring();
  }

  goBack({ partition, offset, leave }: SeekBack): void {
    if (leave) this.#next.delete(partition);
    else this.seek(partition, offset);
  }

  /** Where the log ends now. Returns whether there is something to read. */
  offer(spans: readonly PartitionSpan[]): boolean {
    for (const span of spans) if (span.topic === this.topic) this.#heads.set(span.partition, span.high);
    const behind = this.#isBehind();
    if (behind) this.#wake.ring();
    return behind;
  }

  /** Positions that nobody has noted since they moved. */
  takeUnnoted(): readonly SeekBack[] {
    if (!this.#unnoted) return [];
    this.#unnoted = false;
    return this.#positions();
  }

  #positions(): SeekBack[] {
    return [...this.#next].map(([partition, offset]) => ({ topic: this.topic, partition, offset }));
  }

  #isBehind(): boolean {
    for (const [partition, offset] of this.#next) if (offset < (this.#heads.get(partition) ?? 0)) return true;
    return false;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      if (!this.#isBehind()) {
        await this.#wake.wait();
        continue;
      }
      try {
        const records = await this.read(this.topic, this.#positions(), MOST_RECORDS);
        if (records.length === 0) await this.#wake.wait(250);
        else await this.#handOver(records);
        this.#backoff.reset();
      } catch (error) {
        this.logger?.warn({ err: error, group: this.group, topic: this.topic }, 'reading from the bus failed, trying again');
        if (!this.#stopping) await this.#wake.wait(this.#backoff.next());
      }
    }
  }

  /** Rejects as the consumer does: the same positions are then read again. */
  async #handOver(records: readonly BusRecord[]): Promise<void> {
    const seeks = await this.consumer.deliver(records);
    for (const record of records) this.#next.set(record.partition, record.offset + 1);
    for (const seek of seeks) if (seek.topic === this.topic) this.goBack(seek);
    this.#unnoted = true;
  }
}
