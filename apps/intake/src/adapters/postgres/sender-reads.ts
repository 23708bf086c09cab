import type { Sql } from '@throughline/platform/persistence/sql';
import type { Counted, SenderReads, SenderSeen, SenderWatched } from '../../application/sender-reads.js';
import { HISTORY, HOUR, type Rhythm } from '../../domain/sender-rhythm.js';

interface SenderRow {
  readonly sender: string;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly usual_gap_ms: number | null;
  readonly usual_by: 'new' | 'hour-of-week' | 'overall';
  readonly counts: readonly (readonly [AA: number, AE: number, AR: number, repeats: number])[];
}

const DAY = 24 * HOUR;

/** `[AA, AE, AR, repeats]` since a moment that is a parameter. */
const since = (parameter: number): string =>
  `json_build_array(${['aa', 'ae', 'ar', 'repeats'].map((column) => `coalesce(sum(h.${column}) filter (where h.hour >= $${parameter}), 0)`).join(', ')})`;

const COLUMNS = 's.sender, s.first_at, s.last_at, s.usual_gap_ms, s.usual_by';

const LIST = `
  select ${COLUMNS}, json_build_array(${since(1)}, ${since(2)}) as counts
  from (select * from sender where $3::text is null or sender > $3 order by sender limit $4) s
       left join sender_hour h on h.sender = s.sender and h.hour >= least($1::timestamptz, $2::timestamptz)
  group by ${COLUMNS} order by s.sender`;

const WATCHED = `
  select ${COLUMNS}, json_build_array(${since(1)}) as counts
  from (select * from sender where last_at >= $2 and (usual_gap_ms is not null or sender = any($3::text[]))
        order by sender = any($3::text[]) desc, first_at, sender limit $4) s
       left join sender_hour h on h.sender = s.sender and h.hour >= $1
  group by ${COLUMNS} order by s.sender`;

/** By the index of what is in quarantine, and no other. */
const QUARANTINED = `
  with open as materialized (select sender from inbound where answer <> 'AA' and replayed_as is null)
  select sender, count(*) as n from open where sender = any($1::text[]) group by sender`;

const rhythmIn = ({ usual_gap_ms, usual_by }: SenderRow): Rhythm => (usual_gap_ms === null || usual_by === 'new' ? { by: 'new' } : { by: usual_by, gap: usual_gap_ms });

const countsIn = ({ counts }: SenderRow, n: number): SenderSeen['today'] => {
  const [AA = 0, AE = 0, AR = 0, repeats = 0] = counts[n] ?? [];
  return { AA, AE, AR, repeats };
};

const countedAt = async (sql: Sql, zone: string): Promise<{ readonly at: Date; readonly midnight: Date } | undefined> => {
  const [row] = await sql.query<{ at: Date; midnight: Date }>(`select at, date_trunc('day', at, $1) as midnight from sender_counted`, [zone]);
  return row;
};

const before = (at: Date, ms: number): Date => new Date(at.getTime() - ms);

/** What was counted of senders, by few rows: a row a sender, and one for each hour of the time that is asked for. */
export class PostgresSenderReads implements SenderReads {
  constructor(private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>) {}

  list(after: string | undefined, limit: number, zone: string): Promise<Counted<SenderSeen>> {
    return this.read(async (sql) => {
      const counted = await countedAt(sql, zone);
      if (!counted) return { at: null, senders: [] };
      const rows = await sql.query<SenderRow>(LIST, [counted.midnight, before(counted.at, 7 * DAY), after ?? null, limit]);
      const open = await sql.query<{ sender: string; n: number }>(QUARANTINED, [rows.map(({ sender }) => sender)]);
      const quarantined = new Map(open.map(({ sender, n }) => [sender, n]));
      const senders = rows.map((row) => ({
        sender: row.sender, firstAt: row.first_at, lastAt: row.last_at, rhythm: rhythmIn(row),
        today: countsIn(row, 0), week: countsIn(row, 1), quarantined: quarantined.get(row.sender) ?? 0,
      }));
      return { at: counted.at, senders };
    });
  }

  watched(named: readonly string[], limit: number): Promise<Counted<SenderWatched>> {
    return this.read(async (sql) => {
      const counted = await countedAt(sql, 'UTC');
      if (!counted) return { at: null, senders: [] };
      const rows = await sql.query<SenderRow>(WATCHED, [before(counted.at, DAY), before(counted.at, HISTORY), named, limit]);
      return { at: counted.at, senders: rows.map((row) => ({ sender: row.sender, lastAt: row.last_at, rhythm: rhythmIn(row), messages: countsIn(row, 0) })) };
    });
  }
}
