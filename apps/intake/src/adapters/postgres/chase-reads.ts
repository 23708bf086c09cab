import type { Sql } from '@throughline/platform/persistence/sql';
import type { ChaseReads, ChaseSeen, DueChase } from '../../application/chase-ports.js';
import type { SummaryChase } from '../../domain/summary-chase.js';

export const chaseReads = (read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>): ChaseReads => ({
  due: (until, limit) =>
    read((sql) => sql.query<DueChase>('select id as "chaseId", patient_id as "patientId" from summary_chase where due_at <= $1 order by due_at, id limit $2', [until, limit])),
  list: (status, after, limit) =>
    read(async (sql) => {
      const rows = await sql.query<{ body: SummaryChase; sort: string }>(
        `select body, since::text as sort from summary_chase
         where ($1::text is null or status = $1) and ($2::timestamptz is null or (since, id) < ($2::timestamptz, $3::uuid))
         order by since desc, id desc limit $4`,
        [status ?? null, after?.[0] ?? null, after?.[1] ?? null, limit],
      );
      return rows.map(({ body, sort }): ChaseSeen => ({ ...body, sort }));
    }),
});
