import type { Logger } from 'pino';
import type { BatchConsumer, PartitionId, PartitionSpan, SeekBack, Subscription } from './bus.js';
import type { EmbeddedReader } from './embedded-reader.js';
import { Wake } from './wake.js';

export interface EmbeddedSubscriptionOptions {
  readonly askAgainMs: number;
  readonly logger: Logger | undefined;
  readonly isLive: () => boolean;
  /** Partitions have been assigned: there may be something to read. */
  readonly ready: () => void;
  readonly left: () => Promise<void>;
}

const RETRY_MS = 1_000;

/** A group's readers, one per topic, and what its consumer said about where each partition begins. */
export class EmbeddedSubscription implements Subscription {
  readonly #wake = new Wake();
  #asking: Promise<void> = Promise.resolve();
  #assigned = false;
  #stopping = false;

  constructor(
    private readonly consumer: BatchConsumer,
    private readonly readers: readonly EmbeddedReader[],
    private readonly partitions: number,
    private readonly options: EmbeddedSubscriptionOptions,
  ) {}

  /** Asks where to begin; when that fails (no database) it is asked again until it answers. */
  async start(): Promise<void> {
    await this.#ask();
    for (const reader of this.readers) reader.start();
    this.#asking = this.#keepAsking();
  }

  healthy(): boolean {
    return !this.#stopping && this.#assigned && this.options.isLive();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.ring();
    await this.#asking;
    await Promise.all(this.readers.map((reader) => reader.stop()));
    await this.#giveUp();
    await this.options.left();
  }

  offer(spans: readonly PartitionSpan[]): boolean {
    return this.readers.map((reader) => reader.offer(spans)).includes(true);
  }

  takeUnnoted(): readonly { readonly group: string; readonly topic: string; readonly positions: readonly SeekBack[] }[] {
    return this.readers
      .map((reader) => ({ group: reader.group, topic: reader.topic, positions: reader.takeUnnoted() }))
      .filter(({ positions }) => positions.length > 0);
  }

  #partitionsThatAre(read: boolean): PartitionId[] {
    return this.readers.flatMap((reader) =>
      Array.from({ length: this.partitions }, (_, partition) => ({ topic: reader.topic, partition })).filter(({ partition }) => reader.has(partition) === read),
    );
  }

  async #giveUp(): Promise<void> {
    const held = this.#partitionsThatAre(true);
    if (held.length === 0) return;
    await this.consumer.revoked(held).catch((error: unknown) => this.options.logger?.warn({ err: error }, 'the consumer failed to let partitions go'));
  }

  async #ask(): Promise<void> {
    const asked = this.#partitionsThatAre(false);
    if (asked.length === 0) return;
    try {
      for (const { topic, partition, offset } of await this.consumer.assigned(asked)) {
        this.readers.find((reader) => reader.topic === topic)?.seek(partition, offset);
      }
      this.#assigned = true;
      this.options.ready();
    } catch (error) {
      this.options.logger?.warn({ err: error }, 'where to begin reading is not known yet, asking again');
    }
  }

  /** Positions that were put back are gone back to, also while nothing new comes. */
  async #look(): Promise<void> {
    for (const reader of this.readers) {
      try {
        for (const to of await this.consumer.astray(reader.topic)) if (reader.has(to.partition)) reader.goBack(to);
      } catch (error) {
        this.options.logger?.warn({ err: error, topic: reader.topic }, 'positions and topic could not be compared');
      }
    }
    this.options.ready();
  }

  async #keepAsking(): Promise<void> {
    while (!this.#stopping) {
      await this.#wake.wait(this.#assigned ? this.options.askAgainMs : RETRY_MS);
      if (!this.#stopping) await this.#ask();
      if (!this.#stopping) await this.#look();
    }
  }
}
