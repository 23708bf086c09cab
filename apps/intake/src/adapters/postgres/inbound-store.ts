import { createHash } from 'node:crypto';
import { idOf } from '@throughline/kernel/ids';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { Arrival, Receipt } from '../../application/ports.js';
import { planned } from '@throughline/platform/persistence/planned';

/** PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair; `raw` keeps the bytes as they came. */
const storable = (text: string): string => text.replaceAll('\u0000', '\ufffd').toWellFormed();
const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'string' ? storable(one) : one));

export interface Filed {
  readonly id: string;
  readonly hash: Buffer;
  readonly arrival: Arrival;
}

/** Names an arrival by who sent it, under which control id, and what it says: the same again is the same row. */
export const filed = (arrival: Arrival): Filed => {
  const hash = createHash('sha256').update(arrival.raw).digest();
  return { id: idOf('inbound', arrival.sender, arrival.controlId, hash.toString('hex')), hash, arrival };
};

const answerOf = ({ content }: Arrival): Receipt['answer'] => ('said' in content ? 'AA' : content.answer);
const saidOf = ({ content }: Arrival): string | null => ('said' in content ? storableJson(content.said) : null);
const reasonsOf = ({ content }: Arrival): string | null => ('said' in content ? null : storableJson(content.reasons));

const INSERT = `
  insert into inbound (id, received_at, protocol, sender, control_id, trigger, hash, raw, answer, said, reasons, arrivals, control_id_reused)
  select id, received_at, protocol, sender, control_id, trigger, hash, raw, answer, said, reasons, 1,
         reused or exists (select 1 from inbound o where o.sender = a.sender and o.control_id = a.control_id and o.id <> a.id)
  from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[], $9::text[],
    $10::jsonb[], $11::jsonb[], $12::boolean[]) a (id, received_at, protocol, sender, control_id, trigger, hash, raw, answer, said, reasons, reused)
  order by hash
  on conflict (id) do nothing
  returning id`;

const insert = async (sql: Sql, rows: readonly Filed[]): Promise<Set<string>> => {
  const first = new Map<string, string>();
  const reused = rows.map(({ id, arrival }) => {
    const key = JSON.stringify([arrival.sender, arrival.controlId]);
    if (!first.has(key)) first.set(key, id);
    return arrival.controlId !== '' && first.get(key) !== id;
  });
  const inserted = await planned<{ id: string }>(sql, INSERT, [
    rows.map((row) => row.id),
    rows.map((row) => row.arrival.receivedAt),
    rows.map((row) => row.arrival.protocol),
    rows.map((row) => storable(row.arrival.sender)),
    rows.map((row) => storable(row.arrival.controlId)),
    rows.map((row) => storable(row.arrival.trigger)),
    rows.map((row) => row.hash),
    rows.map((row) => Buffer.from(row.arrival.raw)),
    rows.map((row) => answerOf(row.arrival)),
    rows.map((row) => saidOf(row.arrival)),
    rows.map((row) => reasonsOf(row.arrival)),
    reused,
  ]);
  return new Set(inserted.map((row) => row.id));
};

/** What was there before: a quarantined one gets today's reading and today's answer. */
const meetAgain = async (sql: Sql, rows: readonly Filed[]): Promise<ReadonlyMap<string, Receipt>> => {
  const ids = rows.map((row) => row.id);
  const known = await sql.query<{ id: string; answer: Receipt['answer'] }>(
    `select id, answer from inbound where id = any($1::uuid[]) order by id for update`,
    [ids],
  );
  const before = new Map(known.map((row) => [row.id, row.answer]));
  const quarantined = rows.filter((row) => before.get(row.id) !== 'AA');
  await sql.query(
    `update inbound set arrivals = arrivals + a.sent,
       answer = coalesce(a.answer, inbound.answer), trigger = coalesce(a.trigger, inbound.trigger),
       said = case when a.answer is null then inbound.said else a.said end, reasons = case when a.answer is null then inbound.reasons else a.reasons end
     from unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[], $6::integer[]) a (id, answer, trigger, said, reasons, sent)
     where inbound.id = a.id`,
    [
      ids,
      rows.map((row) => (quarantined.includes(row) ? answerOf(row.arrival) : null)),
      rows.map((row) => (quarantined.includes(row) ? storable(row.arrival.trigger) : null)),
      rows.map((row) => (quarantined.includes(row) ? saidOf(row.arrival) : null)),
      rows.map((row) => (quarantined.includes(row) ? reasonsOf(row.arrival) : null)),
      rows.map((row) => (row.arrival.replayOf === undefined ? 1 : 0)),
    ],
  );
  return new Map(
    rows.map((row) => {
      const repeat = before.get(row.id) === 'AA';
      return [row.id, { inboundId: row.id, repeat, answer: repeat ? 'AA' : answerOf(row.arrival) }];
    }),
  );
};

/** Read again, a message whose header could not be read has a sender and a control id, and so another name. The old row says which. */
const renamed = async (sql: Sql, rows: readonly Filed[]): Promise<void> => {
  const moved = rows.filter(({ id, arrival }) => arrival.replayOf !== undefined && arrival.replayOf !== id);
  if (moved.length === 0) return;
  await sql.query('update inbound set replayed_as = m.id from unnest($1::uuid[], $2::uuid[]) m (old, id) where inbound.id = m.old', [moved.map(({ arrival }) => arrival.replayOf), moved.map(({ id }) => id)]);
};

export interface LogEntry {
  readonly inboundId: string;
  readonly traceparent?: string | undefined;
}

export interface Stored {
  /** In the order given. */
  readonly receipts: readonly Receipt[];
  /** Newly accepted: they join the log. */
  readonly accepted: readonly LogEntry[];
}

/** Files arrivals, in hash order; the same one twice in a call is one row and a repeat. */
export const store = async (sql: Sql, arrivals: readonly Arrival[]): Promise<Stored> => {
  const all = arrivals.map(filed);
  const rows = [...new Map([...all].reverse().map((row) => [row.id, row])).values()].sort((a, b) => Buffer.compare(a.hash, b.hash));
  if (rows.length === 0) return { receipts: [], accepted: [] };
  const inserted = await insert(sql, rows);
  const known = rows.filter((row) => !inserted.has(row.id));
  const again: ReadonlyMap<string, Receipt> = known.length > 0 ? await meetAgain(sql, known) : new Map();
  await renamed(sql, all);
  const seen = new Set<string>();
  const receipts = all.map((row): Receipt => {
    const first = !seen.has(row.id);
    seen.add(row.id);
    const answer = answerOf(row.arrival);
    const receipt = again.get(row.id) ?? { inboundId: row.id, answer, repeat: false };
    return first || receipt.answer !== 'AA' ? receipt : { ...receipt, repeat: true };
  });
  const accepted = receipts.flatMap(({ inboundId, answer, repeat }, n) => (answer === 'AA' && !repeat ? [{ inboundId, traceparent: arrivals[n]!.traceparent }] : []));
  return { receipts, accepted };
};

/** The last statement of a transaction that accepted something: it holds the head of the log, briefly. */
export const appendToLog = async (sql: Sql, accepted: readonly LogEntry[]): Promise<void> => {
  if (accepted.length === 0) return;
  await planned(
    sql,
    `with head as (
       update log_head set next_offset = next_offset + $2::bigint where log = 'inbound' returning next_offset - $2::bigint as first
     )
     insert into inbound_log (log_offset, inbound_id, traceparent)
     select head.first + n - 1, id, traceparent from head, unnest($1::uuid[], $3::text[]) with ordinality a (id, traceparent, n)`,
    [accepted.map((one) => one.inboundId), accepted.length, accepted.map((one) => one.traceparent ?? null)],
  );
};
