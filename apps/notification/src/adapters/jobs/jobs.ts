import type { JobDefinition, JobTable } from '@throughline/platform/jobs/jobs';
import type { Tx } from '../../application/ports.js';
import { giveUpLease, wakeMessage } from '../../application/wake-message.js';

const dueIn = (state: 'planned' | 'sending'): JobDefinition<Tx>['due'] => (sql, until, limit) =>
  sql.query(
    `select id as "rowId", patient_id as "patientId", due_at as "dueAt" from message where state = $1 and due_at <= $2 order by due_at, id limit $3`,
    [state, until, limit],
  );

/** Neither job sends: a job runs inside a transaction. The first wakes the sender, the second gives up on one that died. */
export const jobs: JobTable<Tx> = {
  'send-message': { handle: ({ rowId: id, patientId }, tx) => wakeMessage({ patientId, id }, tx), attempts: 5, backoffMs: 1_000, due: dueIn('planned') },
  'message-lease': { handle: ({ rowId: id, patientId }, tx) => giveUpLease({ patientId, id }, tx), attempts: 5, backoffMs: 1_000, due: dueIn('sending') },
};
