import { Backoff } from './backoff.js';
import type { BusRecord, SeekBack } from './bus.js';
import { Wake } from './wake.js';

/** A partition's share of a fetch, as kafkajs hands it to `eachBatch`. */
export interface FetchedBatch {
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /** Everything up to this offset is done: a later fetch begins behind it. */
  readonly resolve: (offset: number) => void;
  /** False when these records are not ours any more, or will be read again from elsewhere. */
  readonly isCurrent: () => boolean;
}

interface Pending extends FetchedBatch {
  done: number;
  readonly settle: (error?: unknown) => void;
}

export interface CollectorOptions {
  readonly deliver: (records: readonly BusRecord[]) => Promise<readonly SeekBack[]>;
  readonly seek: (seek: SeekBack) => void;
  /** The consumer refused a batch; it is handed over again after a pause. */
  readonly refused: (error: unknown) => void;
  readonly mostRecords?: number;
}

/**
 * Collects what the partitions of one topic have ready into batches for the runner. Flushes at once when idle, else when the
 * batch in hand is done: so batches grow with the load and nobody waits for company.
 */
export class KafkaCollector {
  readonly #pending = new Set<Pending>();
  readonly #backoff = new Backoff(100, 5_000);
  readonly #wake = new Wake();
  #flushing: Promise<void> | undefined;
  #stopping = false;
  #broken: unknown;

  constructor(private readonly options: CollectorOptions) {}

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  /** Resolves when all of it is delivered or no longer ours; rejects when the group has to be joined again. */
  add(batch: FetchedBatch): Promise<void> {
    if (batch.records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#pending.add({ ...batch, done: 0, settle: (error) => (error === undefined ? resolve() : reject(error as Error)) });
      this.#flushing ??= this.#flush();
    });
  }

  /** The membership broke: the batch in hand is finished, everything else goes back with this error. */
  breakOff(error: unknown): void {
    if (!this.busy) return;
    this.#broken = error;
    this.#wake.ring();
  }

  /** Finishes the batch in hand and lets go of the rest. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.ring();
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // kafkajs starts the handlers of one fetch one after the other in this turn: let them all arrive.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#letGo()) {
      const batch = this.#collect();
      try {
        const seeks = await this.options.deliver(batch.flatMap(({ records }) => records));
        this.#backoff.reset();
        this.#settle(batch, seeks);
      } catch (error) {
        this.options.refused(error);
        if (!this.#stopping && this.#broken === undefined) await this.#wake.wait(this.#backoff.next());
      }
    }
    this.#flushing = undefined;
  }

  /** Drops what is not to be delivered any more. Returns whether something is left. */
  #letGo(): boolean {
    const error = this.#broken;
    this.#broken = undefined;
    for (const pending of this.#pending) {
      if (error === undefined && !this.#stopping && pending.isCurrent()) continue;
      this.#pending.delete(pending);
      pending.settle(error);
    }
    return this.#pending.size > 0;
  }

  /** At most 200 records, shared out evenly over what the partitions have. */
  #collect(): { from: Pending; records: readonly BusRecord[] }[] {
    const shares = [...this.#pending].map((from) => ({ from, take: 0, ready: from.records.length - from.done }));
    let room = this.options.mostRecords ?? 200;
    for (let open = shares.filter(({ ready }) => ready > 0); open.length > 0 && room > 0; open = open.filter(({ take, ready }) => take < ready)) {
      const each = Math.max(1, Math.floor(room / open.length));
      for (const share of open) {
        const more = Math.min(each, share.ready - share.take, room);
        share.take += more;
        room -= more;
      }
    }
    return shares
      .filter(({ take }) => take > 0)
      .map(({ from, take }) => ({ from, records: from.records.slice(from.done, from.done + take) }))
      .sort((a, b) => a.from.partition - b.from.partition);
  }

  #settle(batch: readonly { from: Pending; records: readonly BusRecord[] }[], seeks: readonly SeekBack[]): void {
    const current = batch.filter(({ from }) => from.isCurrent());
    for (const { from, records } of current) {
      from.done += records.length;
      from.resolve(records.at(-1)!.offset);
    }
    // Makes the rest of that partition's records out of date; they are let go before the next collecting.
    for (const seek of seeks) this.options.seek(seek);
    for (const { from } of current) {
      if (from.done < from.records.length) continue;
      this.#pending.delete(from);
      from.settle();
    }
  }
}
