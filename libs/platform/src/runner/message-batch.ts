import { Refused } from '@throughline/kernel/refused';
import type { Service } from '@throughline/contracts/define-event';
import type { SeekBack } from '../bus/bus.js';
import { allOf, inTransaction } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';
import type { UnitOfWork } from '../persistence/unit-of-work.js';
import { during, type TraceSpan } from '../telemetry/traces.js';
import { clearAttempts } from './attempts.js';
import { handleOne, openUnitOfWork } from './handling.js';
import type { Handling } from './handling.js';
import { Unreadable } from './message.js';
import type { Incoming, Message } from './message.js';
import { BEHIND, park, verdictOf } from './parked-rows.js';
import type { ToPark, Verdict } from './parked-rows.js';
import { idForPosition, lockPositions } from './positions.js';
import { claim, outcomeOf, writeOutcomes, writeReceipts } from './receipts.js';
import type { Moved, Outcome, Standing } from './receipts.js';

export interface BatchOptions {
  /** Errors already known from an earlier try of the same batch: these records are parked in their place. */
  readonly verdicts: ReadonlyMap<Incoming, Verdict>;
  /** True when the try was written down before: the attempt rows end with it. */
  readonly counted?: boolean;
}

export interface Settled {
  readonly type: string;
  /** Absent where the message could not be read. */
  readonly eventId?: string;
  readonly correlationId?: string;
  readonly outcome: 'handled' | 'refused' | 'stale' | 'parked' | 'behind' | 'repeat';
}

export interface BatchResult {
  /** Partitions whose records begin above the position: nothing of them was handled from there on. */
  readonly gaps: readonly SeekBack[];
  /** Partitions with records below their position: handled before, unless the log is another one by now. */
  readonly below: readonly number[];
  readonly settled: readonly Settled[];
  readonly parked: readonly ToPark[];
}

interface Ready {
  readonly below: readonly number[];
  readonly records: readonly Incoming[];
  readonly moved: readonly Moved[];
  readonly gaps: readonly SeekBack[];
}

/** What follows the position without a hole; what lies below it was handled before. */
const readyFrom = (topic: string, batch: readonly Incoming[], positions: ReadonlyMap<number, number>): Ready => {
  const next = new Map(positions);
  const moved = new Map<number, Moved>();
  const gaps = new Map<number, SeekBack>();
  const below = new Set<number>();
  const records = batch.filter(({ record }) => {
    const { partition, offset } = record;
    const expected = next.get(partition);
    if (expected === undefined) throw new Error(`Partition ${partition} of ${topic} was never assigned`);
    if (offset < expected) below.add(partition);
    if (offset < expected || gaps.has(partition)) return false;
    if (offset > expected) {
      gaps.set(partition, { topic, partition, offset: expected });
      return false;
    }
    next.set(partition, offset + 1);
    moved.set(partition, { partition, next: offset + 1, lastEventId: idForPosition(record) });
    return true;
  });
  return { records, moved: [...moved.values()], gaps: [...gaps.values()], below: [...below] };
};

/** Those that could be read and are for this service. */
export const messagesOf = (batch: readonly Incoming[]): readonly Message[] => batch.flatMap(({ read }) => (read === undefined || read instanceof Unreadable ? [] : [read]));

const isStale = ({ subject, version }: Message, applied: ReadonlyMap<string, number>): boolean =>
  subject !== undefined && version !== undefined && version <= (applied.get(subject) ?? -1);

const settledAs = (read: Message | Unreadable, outcome: Settled['outcome']): Settled =>
  read instanceof Unreadable ? { type: 'unreadable', outcome } : { type: read.type, eventId: read.id, correlationId: read.cause.correlationId, outcome };

/** The messages of one transaction, settled one by one in their order. */
class Settling<S extends Service> {
  readonly settled: Settled[] = [];
  readonly parked: ToPark[] = [];
  readonly outcomes: Outcome[] = [];
  readonly applied = new Map<string, number>();

  constructor(
    private readonly handling: Handling<S>,
    private readonly work: UnitOfWork<S>,
    private readonly standing: Standing,
    private readonly verdicts: ReadonlyMap<Incoming, Verdict>,
    private readonly span: TraceSpan | undefined,
  ) {}

  async settle(incoming: Incoming, keys: readonly string[] | null): Promise<void> {
    const { read } = incoming;
    if (read === undefined) return;
    if (!(read instanceof Unreadable) && !this.standing.claimed.delete(read.id)) {
      this.settled.push(settledAs(read, 'repeat'));
      return;
    }
    if (keys === null) return this.#park(incoming, read, [], verdictOf(read instanceof Unreadable ? read : new Unreadable('no-key', 'The key is not a patient id')));
    if (keys.some((key) => this.standing.parkedKeys.has(key))) return this.#park(incoming, read, keys, BEHIND);
    if (read instanceof Unreadable) return this.#park(incoming, read, keys, verdictOf(read));
    const verdict = this.verdicts.get(incoming);
    if (verdict) return this.#park(incoming, read, keys, verdict);
    if (isStale(read, this.applied) || isStale(read, this.standing.applied)) {
      this.settled.push(settledAs(read, 'stale'));
      return;
    }
    const failure = await handleOne(this.handling, this.work, incoming.record, read, this.span);
    if (failure && !(failure.error instanceof Refused)) return this.#park(incoming, read, keys, verdictOf(failure.error));
    if (failure) this.outcomes.push(outcomeOf(incoming.record, read, 'refused', (failure.error as Refused).reason));
    if (read.subject !== undefined && read.version !== undefined) this.applied.set(read.subject, read.version);
    this.settled.push(settledAs(read, failure ? 'refused' : 'handled'));
  }

  #park(incoming: Incoming, read: Message | Unreadable, keys: readonly string[], verdict: Verdict): void {
    for (const key of keys) this.standing.parkedKeys.add(key);
    this.parked.push({ incoming, keys, verdict, tries: verdict.state === 'behind' ? 0 : 1 });
    this.settled.push(settledAs(read, verdict.state === 'behind' ? 'behind' : 'parked'));
  }
}

const inBatch = async <S extends Service>(handling: Handling<S>, sql: PgSql, topic: string, batch: readonly Incoming[], options: BatchOptions, span?: TraceSpan): Promise<BatchResult & { rings: boolean }> => {
  const positions = await lockPositions(sql, topic, [...new Set(batch.map(({ record }) => record.partition))]);
  const { records, moved, gaps, below } = readyFrom(topic, batch, positions);
  const now = handling.clock.now();
  const wanted = records.filter(({ read }) => read !== undefined);
  if (wanted.length === 0) {
    if (moved.length > 0) await writeReceipts(sql, topic, moved, new Map());
    return { gaps, below, settled: [], parked: [], rings: false };
  }
  const raw = wanted.map(({ record }) => record);
  const messages = messagesOf(wanted);
  const keys = await handling.resolver.keysOf(raw, sql);
  const standing = await claim(sql, topic, messages, [...new Set(keys.flatMap((some) => some ?? []))], now);
  // Repeats and stale ones touch no stream, so that a topic read again leaves no trace.
  const live = [...wanted.keys()].filter((index) => {
    const { read } = wanted[index]!;
    return read !== undefined && !(read instanceof Unreadable) && standing.claimed.has(read.id) && !isStale(read, standing.applied);
  });
  const work = await openUnitOfWork(handling, sql, live.map((index) => raw[index]!), live.map((index) => keys[index]!));
  const settling = new Settling(handling, work, standing, options.verdicts, span);
  for (const [index, one] of wanted.entries()) await settling.settle(one, keys[index]!);
  await allOf<unknown>([
    work.flush(now),
    park(sql, settling.parked, now),
    writeOutcomes(sql, settling.outcomes, now),
    ...(options.counted ? [clearAttempts(sql, batch.map(({ record }) => record))] : []),
    writeReceipts(sql, topic, moved, settling.applied),
  ]);
  return { gaps, below, settled: settling.settled, parked: settling.parked, rings: work.rings };
};

/**
 * One transaction over records of one topic. Statements, whatever the number of messages: begin; lock positions; claim ids with
 * parked keys and versions; lock streams; read aliases; one read per kind of row used; one write per table changed; one for
 * streams, outbox and job requests (when something was published); positions with versions; commit. So 7 + kinds read + tables
 * written (+ 1), and one more each for parked messages, for refusals, and for a resolver that has to look something up (twice).
 * All that is written goes out together: about nine round trips.
 */
export const handleBatch = async <S extends Service>(handling: Handling<S>, topic: string, batch: readonly Incoming[], options: BatchOptions): Promise<BatchResult> => {
  const span = handling.spans?.batch(topic, messagesOf(batch));
  const { rings, ...result } = await during(span, inTransaction(handling.dataSource, (sql) => inBatch(handling, sql, topic, batch, options, span)));
  if (rings) handling.bell.ring();
  return result;
};
