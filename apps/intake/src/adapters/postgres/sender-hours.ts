import type { Sql } from '@throughline/platform/persistence/sql';
import { HISTORY, HOUR, hourOf, rhythmOf, type SenderHour } from '../../domain/sender-rhythm.js';

/** Whom messages are filed under whose header could not be read: many senders, and so none with a rhythm. */
const NOBODY = '?';
/** The first message of the history has one before it. */
const ONE_DAY = 24 * HOUR;
/** Senders worked out in one transaction. */
const AT_ONCE = 25;

const DELETE = 'delete from sender_hour where hour >= $1 and hour < $2';
/** A row that stands under another one today (`replayed_as`) is counted there. */
const COUNT = `
  insert into sender_hour (hour, sender, aa, ae, ar, repeats, first_at, last_at, longest_gap_ms)
  select hour, sender, count(*) filter (where answer = 'AA'), count(*) filter (where answer = 'AE'), count(*) filter (where answer = 'AR'),
         sum(arrivals - 1), min(received_at), max(received_at), coalesce(max(gap_ms), 0)
  from (select hour, sender, answer, arrivals, received_at,
               extract(epoch from received_at - lag(received_at) over (partition by hour, sender order by received_at)) * 1000 as gap_ms
        from (select date_trunc('hour', received_at, 'UTC') as hour, sender, answer, arrivals, received_at
              from inbound where received_at >= $1 and received_at < $2 and replayed_as is null) came) gaps
  group by hour, sender`;
const SENDERS = `
  insert into sender (sender, first_at, last_at)
  select sender, min(first_at), max(last_at) from sender_hour where hour >= $1 and hour < $2 group by sender
  on conflict (sender) do update set first_at = least(sender.first_at, excluded.first_at), last_at = greatest(sender.last_at, excluded.last_at)
  where excluded.first_at < sender.first_at or excluded.last_at > sender.last_at`;

/** Counts an hour anew: the same again, however often. */
export const countHour = async (sql: Sql, hour: number): Promise<void> => {
  const span = [new Date(hour), new Date(hour + HOUR)];
  for (const text of [DELETE, COUNT, SENDERS]) await sql.query(text, span);
};

/** When the first message at or after that moment came. */
export const nextMessage = async (sql: Sql, from: number): Promise<number | undefined> => {
  const [row] = await sql.query<{ at: Date }>('select received_at as at from inbound where received_at >= $1 order by received_at limit 1', [new Date(from)]);
  return row?.at.getTime();
};

export const countedAt = async (sql: Sql): Promise<number | undefined> => {
  const [row] = await sql.query<{ at: Date }>('select at from sender_counted');
  return row?.at.getTime();
};

export const noteCounted = async (sql: Sql, at: number): Promise<void> => {
  await sql.query('insert into sender_counted (at) values ($1) on conflict (id) do update set at = excluded.at', [new Date(at)]);
};

export const forgetBefore = async (sql: Sql, at: number): Promise<void> => {
  await sql.query('delete from sender_hour where hour < $1', [new Date(at)]);
  await sql.query('delete from sender where last_at < $1', [new Date(at)]);
};

interface HourRow {
  readonly sender: string;
  readonly hour: Date;
  readonly messages: number;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly longest_gap_ms: number;
}

const historyOf = async (sql: Sql, senders: readonly string[]): Promise<ReadonlyMap<string, readonly SenderHour[]>> => {
  const rows = await sql.query<HourRow>(
    `select h.sender, h.hour, h.aa + h.ae + h.ar as messages, h.first_at, h.last_at, h.longest_gap_ms
     from sender s join sender_hour h on h.sender = s.sender and h.hour >= s.last_at - $2::bigint * interval '1 ms'
     where s.sender = any($1::text[]) order by h.hour`,
    [senders, HISTORY + ONE_DAY],
  );
  const histories = new Map<string, SenderHour[]>(senders.map((sender) => [sender, []]));
  for (const { sender, hour, messages, first_at, last_at, longest_gap_ms } of rows) {
    histories.get(sender)!.push({ hour: hour.getTime(), messages, first: first_at.getTime(), last: last_at.getTime(), longestGap: longest_gap_ms });
  }
  return histories;
};

/** Works out what is usual in this hour, once an hour and sender. Answers true when there are more of them. */
export const learnRhythms = async (sql: Sql, now: number): Promise<boolean> => {
  const hour = new Date(hourOf(now));
  const senders = await sql.query<{ sender: string }>(
    'select sender from sender where last_at > $1 and usual_for is distinct from $2 order by sender limit $3',
    [new Date(now - HISTORY), hour, AT_ONCE],
  );
  if (senders.length === 0) return false;
  const rhythms = [...(await historyOf(sql, senders.map(({ sender }) => sender)))].map(([sender, hours]) => ({ sender, ...rhythmOf(sender === NOBODY ? [] : hours, now) }));
  await sql.query(
    `update sender s set usual_gap_ms = r.gap, usual_by = r.by, usual_for = $4
     from unnest($1::text[], $2::text[], $3::bigint[]) r (sender, by, gap) where s.sender = r.sender`,
    [rhythms.map(({ sender }) => sender), rhythms.map(({ by }) => by), rhythms.map((one) => ('gap' in one ? Math.round(one.gap) : null)), hour],
  );
  return senders.length === AT_ONCE;
};
