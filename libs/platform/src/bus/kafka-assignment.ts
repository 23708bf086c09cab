import type { Logger } from 'pino';
import type { BatchConsumer, PartitionId, SeekBack } from './bus.js';

export interface KafkaAssignmentOptions {
  readonly consumer: Pick<BatchConsumer, 'assigned' | 'revoked'>;
  readonly askAgainMs: number;
  readonly logger: Logger | undefined;
  /** Nothing of these partitions is fetched until each one's `begin`. */
  readonly pause: (partitions: readonly PartitionId[]) => void;
  readonly begin: (from: SeekBack) => void;
}

const RETRY_MS = 1_000;
const nameOf = ({ topic, partition }: PartitionId): string => `${topic}/${partition}`;

/**
 * Which partitions this member has, and which of them it reads. A partition is paused from the moment of joining until the
 * consumer has said where it begins; one that it leaves out stays paused and is offered again later.
 */
export class KafkaAssignment {
  #generation = 0;
  #assigned: readonly PartitionId[] = [];
  readonly #reading = new Set<string>();
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  /** Answers of the consumer come one after the other, so that a revocation is known before the next assignment. */
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly options: KafkaAssignmentOptions) {}

  /** Counts the joins: what was fetched in an earlier one is no longer ours to resolve. */
  get generation(): number {
    return this.#generation;
  }

  reads(partition: PartitionId, generation: number): boolean {
    return generation === this.#generation && this.#reading.has(nameOf(partition));
  }

  joined(partitions: readonly PartitionId[]): void {
    const now = new Set(partitions.map(nameOf));
    const lost = this.#assigned.filter((partition) => !now.has(nameOf(partition)));
    this.#change(partitions);
    this.options.pause(partitions);
    this.#revoke(lost);
    this.#ask(this.#generation, partitions);
  }

  /** The consumer wants nothing more of it for now: it is offered again later. */
  leaveOut({ topic, partition }: PartitionId): void {
    if (!this.#reading.delete(nameOf({ topic, partition }))) return;
    this.options.pause([{ topic, partition }]);
    this.#askLater(this.#generation, this.options.askAgainMs);
  }

  /** The membership is gone: whatever we had may be another member's. */
  lost(): void {
    const lost = this.#assigned;
    this.#change([]);
    this.#revoke(lost);
  }

  /** What we have is left to others. Resolves when the consumer knows. */
  giveUp(): Promise<void> {
    this.lost();
    return this.#last;
  }

  /** No more questions; what is being read may be finished. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ended = true;
  }

  #change(partitions: readonly PartitionId[]): void {
    this.#generation++;
    this.#assigned = partitions;
    this.#reading.clear();
    clearTimeout(this.#timer);
  }

  #revoke(lost: readonly PartitionId[]): void {
    if (lost.length === 0) return;
    this.#last = this.#last.then(() => this.options.consumer.revoked(lost)).catch((error: unknown) => this.options.logger?.warn({ err: error }, 'the consumer failed to let partitions go'));
  }

  #ask(generation: number, partitions: readonly PartitionId[]): void {
    if (partitions.length === 0) return;
    const outdated = (): boolean => this.#ended || generation !== this.#generation;
    this.#last = this.#last.then(async () => {
      if (outdated()) return;
      let again = this.options.askAgainMs;
      try {
        const answers = await this.options.consumer.assigned(partitions);
        if (outdated()) return;
        for (const from of answers) {
          this.#reading.add(nameOf(from));
          this.options.begin(from);
        }
      } catch (error) {
        again = RETRY_MS;
        this.options.logger?.warn({ err: error }, 'where to begin reading is not known yet, asking again');
      }
      if (!outdated()) this.#askLater(generation, again);
    });
  }

  #askLater(generation: number, ms: number): void {
    clearTimeout(this.#timer);
    const leftOut = (): readonly PartitionId[] => this.#assigned.filter((partition) => !this.#reading.has(nameOf(partition)));
    if (leftOut().length > 0) this.#timer = setTimeout(() => this.#ask(generation, leftOut()), ms);
  }
}
