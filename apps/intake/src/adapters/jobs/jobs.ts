import type { JobTable } from '@throughline/platform/jobs/jobs';
import { wakeChase } from '../../application/chase-query.js';
import type { IntakeTx } from '../../application/ports.js';

export const jobs: JobTable<IntakeTx> = {
  /** The next rung of a search for a discharge summary. It asks nobody, being inside a transaction: it wakes who does. */
  'summary-chase': {
    handle: ({ rowId: chaseId, patientId }, tx) => wakeChase({ chaseId, patientId }, tx),
    attempts: 5,
    backoffMs: 1_000,
    due: (sql, until, limit) =>
      sql.query(`select id as "rowId", patient_id as "patientId", due_at as "dueAt" from summary_chase where due_at < $1 order by due_at, id limit $2`, [until, limit]),
  },
};
