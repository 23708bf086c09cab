import type { DataSource } from 'typeorm';
import type { Bus, BusRecord, PartitionId, PartitionSpan, SeekBack } from '../bus/bus.js';
import { inTransaction, withConnection } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';
import { isUuid } from './message.js';

/** What the position check has to see of a log; every `Bus` is one. */
export type LogView = Pick<Bus, 'clusterId' | 'spans' | 'recordAt' | 'remakable'>;

/** A partition that is not read, because its log is not the one the position speaks of. An operator decides. */
export interface Mismatch extends PartitionId {
  /**
   * other-cluster: the log belongs to another cluster; other-record: another record stands before the position;
   * outside: the log does not hold the position (topic recreated, retention passed); gap: offsets are missing from it.
   */
  readonly reason: 'other-cluster' | 'other-record' | 'outside' | 'gap';
  readonly position: number;
}

export interface PositionRow extends PartitionId {
  readonly nextOffset: number;
  readonly clusterId: string | null;
  readonly lastEventId: string | null;
  /** False while somebody reads it, or after its reader was killed. */
  readonly clean: boolean;
}

/** The id that a position remembers of the record before it. */
export const idForPosition = (record: Pick<BusRecord, 'headers'>): string | null => {
  const id = record.headers['ce_id'];
  return isUuid(id) ? id : null;
};

export const listPositions = (dataSource: DataSource): Promise<readonly PositionRow[]> =>
  withConnection(dataSource, (sql) =>
    sql.query<PositionRow>(
      `select topic, partition, next_offset as "nextOffset", cluster_id as "clusterId", last_event_id as "lastEventId", clean
       from position order by topic, partition`,
    ),
  );

/** Locks in partition order, for the length of the transaction. Partition -> next offset. */
export const lockPositions = async (sql: PgSql, topic: string, partitions: readonly number[]): Promise<Map<number, number>> => {
  const rows = await sql.prepared<{ partition: number; next_offset: number }>(
    'select partition, next_offset from position where topic = $1 and partition = any($2::int[]) order by partition for update',
    [topic, partitions],
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
};

const disagreement = async (log: LogView, row: PositionRow, span: PartitionSpan, clusterId: string): Promise<Mismatch['reason'] | undefined> => {
  if (row.clusterId !== null && row.clusterId !== clusterId) return 'other-cluster';
  if (row.nextOffset < span.low || row.nextOffset > span.high) return 'outside';
  if (row.lastEventId === null || row.nextOffset <= span.low) return undefined;
  const before = await log.recordAt(row.topic, row.partition, row.nextOffset - 1);
  return before !== null && idForPosition(before) === row.lastEventId ? undefined : 'other-record';
};

/** Which of these partitions have a log that is not the one their position speaks of. One that was never read agrees with any. */
export const disagreements = async (dataSource: DataSource, log: LogView, topic: string, partitions: readonly number[]): Promise<readonly Mismatch[]> => {
  // Positions first: a reader elsewhere moves them on, and the log's end is never behind them.
  const known = (await listPositions(dataSource)).filter((row) => row.topic === topic && partitions.includes(row.partition));
  const clusterId = await log.clusterId();
  const spans = new Map((await log.spans(topic)).map((span) => [span.partition, span]));
  const judged = await Promise.all(
    known.map(async (row) => {
      const span = spans.get(row.partition);
      const reason = span ? await disagreement(log, row, span, clusterId) : 'outside';
      return reason && { topic, partition: row.partition, reason, position: row.nextOffset };
    }),
  );
  return judged.filter((one) => one !== undefined);
};

export interface Taken {
  readonly seeks: readonly SeekBack[];
  readonly mismatches: readonly Mismatch[];
  /** Partitions whose last reader was killed, and the end of their log then: what came later it cannot have had in hand. */
  readonly suspect: readonly (SeekBack & { readonly high: number })[];
}

/**
 * Compares positions with the log and marks those that agree as being read by `owner`. A partition that was never read begins
 * at the first offset its log still holds.
 */
export const takePositions = async (dataSource: DataSource, log: LogView, topic: string, partitions: readonly number[], owner: string): Promise<Taken> => {
  const clusterId = await log.clusterId();
  const spans = new Map((await log.spans(topic)).map((span) => [span.partition, span]));
  const mismatches = await disagreements(dataSource, log, topic, partitions);
  const agreed = partitions
    .filter((partition) => !mismatches.some((one) => one.partition === partition))
    .map((partition) => ({ partition, low: spans.get(partition)?.low ?? 0 }));
  const taken = await inTransaction(dataSource, async (sql) => {
    const left = await sql.query<{ partition: number; clean: boolean; owner: string | null }>(
      'select partition, clean, owner from position where topic = $1 and partition = any($2::int[]) order by partition for update',
      [topic, agreed.map((one) => one.partition)],
    );
    const killed = new Set(left.filter((row) => !row.clean && row.owner !== owner).map((row) => row.partition));
    const rows = await sql.query<{ partition: number; next_offset: number }>(
      `insert into position (topic, partition, next_offset, cluster_id, clean, owner)
       select $1, partition, low, $4, false, $5 from unnest($2::int[], $3::bigint[]) p (partition, low) order by partition
       on conflict (topic, partition) do update set cluster_id = excluded.cluster_id, clean = false, owner = excluded.owner
       returning partition, next_offset`,
      [topic, agreed.map((one) => one.partition), agreed.map((one) => one.low), clusterId, owner],
    );
    return rows.map((row) => ({ topic, partition: row.partition, offset: row.next_offset, suspect: killed.has(row.partition) }));
  });
  const seeks = taken.map(({ suspect: _, ...seek }) => seek);
  const suspect = seeks.flatMap((seek, index) => (taken[index]!.suspect ? [{ ...seek, high: spans.get(seek.partition)?.high ?? seek.offset }] : []));
  return { seeks, mismatches, suspect };
};

export interface PositionStep {
  readonly partition: number;
  readonly from: number;
  readonly next: number;
  readonly lastEventId: string | null;
}

/** Moves positions on, outside the transactions of the work itself. One that no longer stands where it was read from stays: an operator has moved it, or another reader. */
export const movePositions = (dataSource: DataSource, topic: string, steps: readonly PositionStep[]): Promise<readonly { readonly partition: number }[]> =>
  withConnection(dataSource, (sql) =>
    sql.query<{ partition: number }>(
      `update position set next_offset = s.next, last_event_id = s.last
       from unnest($2::int[], $3::bigint[], $4::bigint[], $5::text[]) s (partition, before, next, last)
       where position.topic = $1 and position.partition = s.partition and position.next_offset = s.before
       returning position.partition`,
      [topic, steps.map((one) => one.partition), steps.map((one) => one.from), steps.map((one) => one.next), steps.map((one) => one.lastEventId)],
    ),
  );

/** Says that `owner` left these partitions in good order. A later owner's mark stays. */
export const leavePositions = async (dataSource: DataSource, partitions: readonly PartitionId[], owner: string): Promise<void> => {
  if (partitions.length === 0) return;
  await withConnection(dataSource, (sql) =>
    sql.query(
      `update position set clean = true, owner = null from unnest($1::text[], $2::int[]) p (topic, partition)
       where position.topic = p.topic and position.partition = p.partition and position.owner = $3`,
      [partitions.map((one) => one.topic), partitions.map((one) => one.partition), owner],
    ),
  );
};
