import type { PartitionSpan } from '../bus/bus.js';
import type { Sql } from '../persistence/sql.js';
import { idForPosition } from './positions.js';
import type { LogView } from './positions.js';

/** `earliest`: the first record that the log still holds; `latest`: behind its last one; a number: that offset. */
export type ResetTo = 'earliest' | 'latest' | number;

export interface PositionMove {
  readonly topic: string;
  readonly partition: number;
  /** Null where nothing was read before. */
  readonly from: number | null;
  readonly to: number;
  /** Records between the two that will never be handled, as far as the log holds them. */
  readonly skipped: number;
}

/** The offset does not lie in the log. */
export class OutsideLog extends Error {
  override readonly name = 'OutsideLog';
}

const targetIn = ({ topic, partition, low, high }: PartitionSpan, to: ResetTo): number => {
  if (to === 'earliest') return low;
  if (to === 'latest') return high;
  if (to < low || to > high) throw new OutsideLog(`Partition ${partition} of ${topic} holds offsets ${low} to ${high}`);
  return to;
};

/**
 * The operator's word on partitions whose log and position disagree: reading goes on at `to`, and what is remembered of the
 * log is what it says now. What is read again changes nothing that was handled before (inbox and versions see to that); what
 * is skipped is skipped for good. The partition's reader learns of it when it asks again, or when its next batch is sent back.
 */
export const resetPositions = async (sql: Sql, log: LogView, topic: string, to: ResetTo, partition?: number): Promise<readonly PositionMove[]> => {
  const spans = (await log.spans(topic)).filter((span) => partition === undefined || span.partition === partition).sort((a, b) => a.partition - b.partition);
  if (spans.length === 0) throw new OutsideLog(`${topic} has no partition ${partition ?? ''}`.trim());
  const clusterId = await log.clusterId();
  const targets = spans.map((span) => ({ ...span, to: targetIn(span, to) }));
  const lastIds = await Promise.all(
    targets.map(async ({ partition, low, to }) => {
      const before = to > low ? await log.recordAt(topic, partition, to - 1) : null;
      return before && idForPosition(before);
    }),
  );
  const before = new Map(
    (
      await sql.query<{ partition: number; next_offset: number }>(
        'select partition, next_offset from position where topic = $1 and partition = any($2::int[]) order by partition for update',
        [topic, targets.map((one) => one.partition)],
      )
    ).map((row) => [row.partition, row.next_offset]),
  );
  await sql.query(
    `insert into position (topic, partition, next_offset, cluster_id, last_event_id, clean)
     select $1, partition, next_offset, $2, last_event_id, true
     from unnest($3::int[], $4::bigint[], $5::text[]) p (partition, next_offset, last_event_id)
     on conflict (topic, partition) do update
     set next_offset = excluded.next_offset, cluster_id = excluded.cluster_id, last_event_id = excluded.last_event_id, clean = true, owner = null`,
    [topic, clusterId, targets.map((one) => one.partition), targets.map((one) => one.to), lastIds],
  );
  return targets.map(({ partition, low, to }) => {
    const from = before.get(partition) ?? null;
    return { topic, partition, from, to, skipped: from === null ? 0 : Math.max(0, to - Math.max(from, low)) };
  });
};
