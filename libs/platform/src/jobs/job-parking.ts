import type { Sql } from '../persistence/sql.js';
import type { JobRequest } from '../persistence/unit.js';
import { safeError } from '../telemetry/safe-error.js';

/** Parked jobs stand in the `parked` table beside messages, under this topic; `event_id` holds the id of the row they are about. */
export const jobTopic = (name: string): string => `job:${name}`;

export const isJobTopic = (topic: string): boolean => topic.startsWith('job:');

/** The job in a parked row's `record`, for replay. */
export const jobOfRecord = (record: string): JobRequest => {
  const job = JSON.parse(record) as Record<'name' | 'rowId' | 'patientId' | 'dueAt', string>;
  return { name: job.name, rowId: job.rowId, patientId: job.patientId, dueAt: new Date(job.dueAt) };
};

/** Sets a job aside for a person. A row has one parked job of a name at most: replay re-reads the row, whenever it was due. */
export const parkJob = async (sql: Sql, job: JobRequest, error: Error, tries: number, correlationId: string, now: Date): Promise<void> => {
  const kept = safeError(error);
  await sql.query(
    `insert into parked (topic, partition, key, keys, event_id, type, correlation_id, record, state, reason, detail, tries, at)
     select $1, 0, $2, jsonb_build_array($2::text), $3::uuid, $4, $5, $6, 'parked', $7, $8, $9, $10
     where not exists (select from parked where topic = $1 and event_id = $3::uuid and state <> 'discarded')`,
    [
      jobTopic(job.name),
      job.patientId,
      job.rowId,
      job.name,
      correlationId,
      JSON.stringify({ name: job.name, rowId: job.rowId, patientId: job.patientId, dueAt: job.dueAt.toISOString() }),
      kept.message ?? kept.name,
      JSON.stringify(kept),
      tries,
      now,
    ],
  );
};

/** Ids of rows whose job of this name is parked: left alone until it is replayed or discarded. */
export const parkedRows = async (sql: Sql, name: string): Promise<ReadonlySet<string>> => {
  const rows = await sql.query<{ event_id: string }>(
    `select event_id from parked where topic = $1 and state <> 'discarded' and event_id is not null`,
    [jobTopic(name)],
  );
  return new Set(rows.map((row) => row.event_id));
};
