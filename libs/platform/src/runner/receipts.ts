import type { PgSql } from '../persistence/database.js';
import type { BusRecord } from '../bus/bus.js';
import type { Message } from './message.js';

/** What is known of a batch's messages before they are handled. */
export interface Standing {
  /** Ids that nobody has taken before. */
  readonly claimed: Set<string>;
  /** Keys that have a parked message on this topic. */
  readonly parkedKeys: Set<string>;
  /** Subject -> last version applied. */
  readonly applied: Map<string, number>;
}

const CLAIM = `
  with claimed as (
    insert into inbox (id, at) select id, $2::timestamptz from unnest($1::uuid[]) i (id) order by id
    on conflict do nothing returning id
  )
  select 'claimed' as what, id::text as name, null::jsonb as keys, null::bigint as version from claimed
  union all
  select 'parked', null, keys, null from parked where topic = $3 and state <> 'discarded' and keys ?| $4::text[]
  union all
  select 'applied', subject, null, version from applied where topic = $3 and subject = any($5::text[])`;

/** One statement, after the position locks: it sees all that an earlier holder of them committed. */
export const claim = async (sql: PgSql, topic: string, messages: readonly Message[], keys: readonly string[], now: Date): Promise<Standing> => {
  const ids = [...new Set(messages.map((message) => message.id))];
  const subjects = [...new Set(messages.flatMap((message) => message.subject ?? []))];
  const rows = await sql.prepared<{ what: string; name: string; keys: string[]; version: number }>(CLAIM, [ids, now, topic, keys, subjects]);
  const standing: Standing = { claimed: new Set(), parkedKeys: new Set(), applied: new Map() };
  for (const row of rows) {
    if (row.what === 'claimed') standing.claimed.add(row.name);
    else if (row.what === 'applied') standing.applied.set(row.name, row.version);
    else for (const key of row.keys) standing.parkedKeys.add(key);
  }
  return standing;
};

/** Where a partition stands after the batch: the next offset and the id of the record before it. */
export interface Moved {
  readonly partition: number;
  readonly next: number;
  readonly lastEventId: string | null;
}

const RECEIPTS = `
  with moved as (
    update position set next_offset = u.next_offset, last_event_id = u.last_event_id
    from unnest($2::int[], $3::bigint[], $4::text[]) u (partition, next_offset, last_event_id)
    where position.topic = $1 and position.partition = u.partition
  )
  insert into applied (topic, subject, version)
  select $1, subject, version from unnest($5::text[], $6::bigint[]) a (subject, version) order by subject
  on conflict (topic, subject) do update set version = excluded.version`;

/** Positions and versions in one statement. */
export const writeReceipts = async (sql: PgSql, topic: string, moved: readonly Moved[], applied: ReadonlyMap<string, number>): Promise<void> => {
  await sql.prepared(RECEIPTS, [
    topic,
    moved.map((one) => one.partition),
    moved.map((one) => one.next),
    moved.map((one) => one.lastEventId),
    [...applied.keys()],
    [...applied.values()],
  ]);
};

export interface Outcome {
  readonly record: Pick<BusRecord, 'topic' | 'partition'> & { readonly offset: number | null };
  readonly message?: Pick<Message, 'id' | 'type' | 'subject'> & { readonly correlationId?: string };
  readonly outcome: 'refused' | 'replayed' | 'discarded';
  /** A code. */
  readonly reason: string;
}

export const outcomeOf = (record: BusRecord, message: Message, outcome: Outcome['outcome'], reason: string): Outcome => ({
  record,
  message: { ...message, correlationId: message.cause.correlationId },
  outcome,
  reason,
});

export const writeOutcomes = async (sql: PgSql, outcomes: readonly Outcome[], now: Date): Promise<void> => {
  if (outcomes.length === 0) return;
  await sql.prepared(
    `insert into outcome (at, topic, partition, log_offset, event_id, type, subject, correlation_id, outcome, reason)
     select $1::timestamptz, * from unnest($2::text[], $3::int[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])`,
    [
      now,
      outcomes.map((one) => one.record.topic),
      outcomes.map((one) => one.record.partition),
      outcomes.map((one) => one.record.offset),
      outcomes.map((one) => one.message?.id ?? null),
      outcomes.map((one) => one.message?.type ?? null),
      outcomes.map((one) => one.message?.subject ?? null),
      outcomes.map((one) => one.message?.correlationId ?? null),
      outcomes.map((one) => one.outcome),
      outcomes.map((one) => one.reason),
    ],
  );
};
