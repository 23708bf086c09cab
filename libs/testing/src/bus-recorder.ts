import type { BatchConsumer, BusRecord, PartitionId, SeekBack } from '@throughline/platform/bus/bus';

/** Waits until `condition` holds; there is no other clock in the tests. */
export const eventually = async (condition: () => boolean | Promise<boolean>, what: string, patienceMs = 45_000): Promise<void> => {
  for (const until = Date.now() + patienceMs; !(await condition()); ) {
    if (Date.now() > until) throw new Error(`It never came to pass that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const idOf = (partition: PartitionId): string => `${partition.topic}/${partition.partition}`;

/**
 * A consumer as the runner is one: it keeps the position of every partition, moves it when a batch is done and begins there
 * when partitions are assigned again. `before` runs in front of that and may refuse the batch or send the reading back.
 */
export class BusRecorder implements BatchConsumer {
  readonly batches: (readonly BusRecord[])[] = [];
  readonly positions = new Map<string, number>();
  readonly assignments: (readonly PartitionId[])[] = [];
  readonly revocations: (readonly PartitionId[])[] = [];
  before: (records: readonly BusRecord[]) => Promise<readonly SeekBack[] | undefined> = () => Promise.resolve(undefined);
  /** Partitions that this consumer does not want to read now. */
  leavesOut: (partition: PartitionId) => boolean = () => false;
  /** Where a position was put back to, behind the reader's back. */
  putBack: readonly SeekBack[] = [];
  #inHand = new Set<string>();

  constructor(private readonly keptPositions: Map<string, number> = new Map()) {
    this.positions = keptPositions;
  }

  get records(): readonly BusRecord[] {
    return this.batches.flat();
  }

  get values(): readonly (string | null)[] {
    return this.records.map((record) => record.value);
  }

  assigned(partitions: readonly PartitionId[]): Promise<readonly SeekBack[]> {
    this.assignments.push(partitions);
    return Promise.resolve(partitions.filter((p) => !this.leavesOut(p)).map((p) => ({ ...p, offset: this.keptPositions.get(idOf(p)) ?? 0 })));
  }

  async deliver(records: readonly BusRecord[]): Promise<readonly SeekBack[]> {
    const { topic } = records[0]!;
    if (this.#inHand.has(topic)) throw new Error('a second batch of one topic was delivered while the first was in hand');
    this.#inHand.add(topic);
    try {
      const seeks = await this.before(records);
      this.batches.push(records);
      for (const record of records) this.positions.set(idOf(record), record.offset + 1);
      for (const seek of seeks ?? []) this.positions.set(idOf(seek), seek.offset);
      return seeks ?? [];
    } finally {
      this.#inHand.delete(topic);
    }
  }

  astray(topic: string): Promise<readonly SeekBack[]> {
    const seeks = this.putBack.filter((one) => one.topic === topic);
    this.putBack = this.putBack.filter((one) => one.topic !== topic);
    return Promise.resolve(seeks);
  }

  revoked(partitions: readonly PartitionId[]): Promise<void> {
    this.revocations.push(partitions);
    return Promise.resolve();
  }
}
