import type { BusRecord } from '../bus/bus.js';
import type { PgSql } from '../persistence/database.js';
import { Unreadable } from './message.js';
import type { Incoming } from './message.js';

/** Why a message is set aside, and whether it comes back by itself. */
export interface Verdict {
  readonly state: 'parked' | 'waiting' | 'behind';
  /** A code: safe in lists and logs. */
  readonly reason: string;
  /** For the eyes of whoever opens the row: message and stack. */
  readonly detail: string | null;
  readonly nextAt?: Date;
}

export interface ParkedRow {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | null;
  readonly key: string | null;
  readonly keys: readonly string[];
  readonly eventId: string | null;
  readonly type: string | null;
  readonly correlationId: string | null;
  readonly record: string;
  readonly state: 'parked' | 'waiting' | 'behind' | 'discarded';
  readonly reason: string;
  readonly detail: string | null;
  readonly tries: number;
  readonly nextAt: Date | null;
  readonly at: Date;
  readonly discardedBy: string | null;
  readonly discardReason: string | null;
}

export const PARKED_COLUMNS = `id, topic, partition, log_offset as "offset", key, keys, event_id as "eventId", type,
  correlation_id as "correlationId", record, state, reason, detail, tries, next_at as "nextAt", at,
  discarded_by as "discardedBy", discard_reason as "discardReason"`;

/** PostgreSQL's text holds neither NUL nor half a surrogate pair; a bad message may hold both. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed();
const storableOrNull = (text: string | null | undefined): string | null => (text === null || text === undefined ? null : storable(text));

export const recordText = (record: BusRecord): string => JSON.stringify(record);
export const recordOf = (text: string): BusRecord => {
  const record = JSON.parse(text) as Omit<BusRecord, 'at'> & { at: string };
  return { ...record, at: new Date(record.at) };
};

/** The code and the story of an error. The story may quote data, so it is shown only with the whole message. */
export const verdictOf = (error: unknown): Verdict => {
  if (error instanceof Unreadable) return { state: 'parked', reason: error.reason, detail: error.message };
  if (!(error instanceof Error)) return { state: 'parked', reason: 'failed', detail: String(error) };
  return { state: 'parked', reason: 'failed', detail: error.stack ?? `${error.name}: ${error.message}` };
};

export const BEHIND: Verdict = { state: 'behind', reason: 'behind', detail: null };

export interface ToPark {
  readonly incoming: Incoming;
  /** Empty: alone, nothing follows it. */
  readonly keys: readonly string[];
  readonly verdict: Verdict;
  readonly tries: number;
}

/** Sets messages aside, whole, in the order given. */
export const park = async (sql: PgSql, rows: readonly ToPark[], now: Date): Promise<void> => {
  if (rows.length === 0) return;
  const idOf = ({ read }: Incoming): string | null => (read === undefined || read instanceof Unreadable ? null : read.id);
  const correlationOf = ({ read, record }: Incoming): string | null =>
    storableOrNull(read === undefined || read instanceof Unreadable ? record.headers['ce_correlationid'] : read.cause.correlationId);
  await sql.prepared(
    `insert into parked (topic, partition, log_offset, key, keys, event_id, type, correlation_id, record, state, reason, detail, tries, next_at, at)
     select topic, partition, log_offset, key, keys, event_id, type, correlation_id, record, state, reason, detail, tries, next_at, $15::timestamptz
     from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::jsonb[], $6::uuid[], $7::text[], $8::text[], $9::text[],
       $10::text[], $11::text[], $12::text[], $13::int[], $14::timestamptz[])
       with ordinality p (topic, partition, log_offset, key, keys, event_id, type, correlation_id, record, state, reason, detail, tries, next_at, n)
     order by n`,
    [
      rows.map((row) => row.incoming.record.topic),
      rows.map((row) => row.incoming.record.partition),
      rows.map((row) => row.incoming.record.offset),
      rows.map((row) => storableOrNull(row.keys[0] ?? row.incoming.record.key)),
      rows.map((row) => JSON.stringify(row.keys)),
      rows.map((row) => idOf(row.incoming)),
      rows.map((row) => storableOrNull(row.incoming.record.headers['ce_type'])),
      rows.map((row) => correlationOf(row.incoming)),
      rows.map((row) => recordText(row.incoming.record)),
      rows.map((row) => row.verdict.state),
      rows.map((row) => row.verdict.reason),
      rows.map((row) => storableOrNull(row.verdict.detail)),
      rows.map((row) => row.tries),
      rows.map((row) => row.verdict.nextAt ?? null),
      now,
    ],
  );
};
