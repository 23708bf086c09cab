import type { JobDefinition, JobTable } from '@throughline/platform/jobs/jobs';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { JobRequest } from '@throughline/platform/persistence/unit';
import type { Tx } from '../../application/ports.js';
import { wakeTask } from '../../application/wake-task.js';

const waking = (name: string): JobDefinition<Tx> => ({
  handle: (job, tx) => wakeTask(job, tx),
  attempts: 5,
  backoffMs: 1_000,
  due: (sql: Sql, until: Date, limit: number) =>
    sql.query<Omit<JobRequest, 'name'>>(
      `select id as "rowId", patient_id as "patientId", next_wake_at as "dueAt"
         from task where wake_job = $1 and next_wake_at < $2 order by next_wake_at limit $3`,
      [name, until, limit],
    ),
});

export const jobs: JobTable<Tx> = {
  /** A task's due time passed. */
  'task-due': waking('task-due'),
  /** The next rung of a late task's ladder. */
  'task-escalate': waking('task-escalate'),
  /** A task that was put aside comes back. */
  'task-snooze-over': waking('task-snooze-over'),
};
