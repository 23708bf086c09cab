import { createHash } from 'node:crypto';
import { idOf } from '@throughline/kernel/ids';
import type { Bus, BusRecord, OutgoingRecord, SeekBack } from '@throughline/platform/bus/bus';
import type { LogView, PositionStep } from '@throughline/platform/runner/positions';
import { NotStored, type Receipt, type Receiver } from '../../application/ports.js';
import { answerTo } from './ingress-answer.js';
import type { EventRead } from './read-event.js';

/** How far the topic is read, by partition. */
export interface IngressPositions {
  all(): Promise<ReadonlyMap<number, number>>;
  /** Answers those that stood where the step begins; the others have been moved by somebody else, and stay. */
  move(steps: readonly PositionStep[]): Promise<readonly { readonly partition: number }[]>;
}

export interface IngressBatchParts {
  readonly topic: string;
  readonly positions: IngressPositions;
  readonly log: Pick<LogView, 'spans'>;
  readonly receiver: Pick<Receiver, 'receive'>;
  readonly read: (record: BusRecord, receivedAt: string) => Promise<EventRead>;
  readonly publish: (answers: readonly OutgoingRecord[]) => Promise<void>;
  readonly now: () => Date;
  /** Told of each record when it is answered. */
  readonly told: (read: EventRead, receipt: Receipt) => void;
}

/** On disk, and the sender does not know: it is to be delivered again. */
export class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
}

interface Received extends EventRead {
  readonly record: BusRecord;
  readonly receipt: Receipt;
}

/** What a position remembers of the record before it. Its event's id will not do: a sender may use one twice, or none. */
const markOf = ({ at, value, raw }: Pick<BusRecord, 'at' | 'value' | 'raw'>): string =>
  idOf('ingress-record', at.getTime(), createHash('sha256').update(raw ?? value ?? '').digest('hex'));

/** The topic as its positions know it: by marks in place of ids. */
export const markedLog = (bus: Pick<Bus, 'clusterId' | 'spans' | 'recordAt' | 'remakable'>): LogView => ({
  remakable: bus.remakable,
  clusterId: () => bus.clusterId(),
  spans: (topic) => bus.spans(topic),
  recordAt: async (topic, partition, offset) => {
    const record = await bus.recordAt(topic, partition, offset);
    return record && { ...record, headers: { ce_id: markOf(record) } };
  },
});

/**
 * Brings records to their end: on disk, answered, and only then is the position moved on. Whatever breaks off in between is
 * read again; what was on disk is then known by its name, and answered as a repeat.
 */
export class IngressBatch {
  /** Where this reader left each partition. */
  readonly #left = new Map<number, number>();
  readonly #stamps = new Map<number, number>();

  constructor(private readonly parts: IngressBatchParts) {}

  /**
   * @throws NotStored where a record could not be stored: what came before it in its partition is done, it is to be delivered again
   * @throws NotAnswered
   */
  async settle(records: readonly BusRecord[], onBelow: (partitions: readonly number[]) => void): Promise<readonly SeekBack[]> {
    const positions = await this.parts.positions.all();
    const gaps = await this.#gaps(records, positions);
    const ready = records.filter(({ partition, offset }) => !gaps.has(partition) && offset >= (positions.get(partition) ?? 0));
    const below = records.filter(({ partition, offset }) => offset < (positions.get(partition) ?? 0));
    if (below.length > 0) onBelow([...new Set(below.map(({ partition }) => partition))]);
    await this.#take(ready, positions);
    return [...gaps.values()];
  }

  /**
   * A hole in the offsets is nothing by itself: a sender's transaction leaves one. It is something where the log no longer
   * holds what should have come, or where an operator has put the position back meanwhile.
   */
  async #gaps(records: readonly BusRecord[], positions: ReadonlyMap<number, number>): Promise<Map<number, SeekBack>> {
    const { topic, log } = this.parts;
    const firsts = [...new Map([...records].reverse().map((record) => [record.partition, record.offset])).entries()];
    const ahead = firsts.filter(([partition, offset]) => offset > (positions.get(partition) ?? 0));
    if (ahead.length === 0) return new Map();
    const lows = new Map((await log.spans(topic)).map(({ partition, low }) => [partition, low]));
    const gaps = new Map<number, SeekBack>();
    for (const [partition] of ahead) {
      const position = positions.get(partition) ?? 0;
      const putBack = this.#left.has(partition) && this.#left.get(partition) !== position;
      if (!putBack && (lows.get(partition) ?? 0) <= position) continue;
      gaps.set(partition, { topic, partition, offset: position });
      this.#left.set(partition, position);
    }
    return gaps;
  }

  /** All at once, in their order: the receiver makes few transactions of them, and a log in that order. */
  async #take(records: readonly BusRecord[], positions: ReadonlyMap<number, number>): Promise<void> {
    const { receiver, read, publish, now, told } = this.parts;
    const events = await Promise.all(records.map((record) => read(record, this.#stamp(record.partition))));
    const receipts = await Promise.allSettled(events.map(({ arrival }) => receiver.receive(arrival)));
    const failed = new Map<number, unknown>();
    const received: Received[] = [];
    for (const [index, record] of records.entries()) {
      const receipt = receipts[index]!;
      if (failed.has(record.partition)) continue;
      if (receipt.status === 'rejected') failed.set(record.partition, receipt.reason);
      else received.push({ ...events[index]!, record, receipt: receipt.value });
    }
    if (received.length > 0) {
      const answers = received.map(({ record, receipt, ...one }) => answerTo(record, one, receipt, now()));
      await publish(answers).catch((error: unknown) => {
        throw new NotAnswered('Events could not be answered', { cause: error });
      });
      await this.#move(received, positions);
      for (const { receipt, ...one } of received) told(one, receipt);
    }
    const [failure] = failed.values();
    if (failure !== undefined) throw failure instanceof NotStored ? failure : new NotStored('A record could not be stored', { cause: failure });
  }

  async #move(received: readonly Received[], positions: ReadonlyMap<number, number>): Promise<void> {
    const steps = new Map<number, PositionStep>();
    for (const { record } of received) {
      const { partition, offset } = record;
      steps.set(partition, { partition, from: positions.get(partition) ?? 0, next: offset + 1, lastEventId: markOf(record) });
    }
    const moved = await this.parts.positions.move([...steps.values()]);
    for (const { partition } of moved) this.#left.set(partition, steps.get(partition)!.next);
  }

  /** Later than every one before it of the partition: among facts of one time the first received is the first. */
  #stamp(partition: number): string {
    const at = Math.max(this.parts.now().getTime(), (this.#stamps.get(partition) ?? 0) + 1);
    this.#stamps.set(partition, at);
    return new Date(at).toISOString();
  }
}
