import type { JobRequest } from '../persistence/unit.js';
import type { Sql } from '../persistence/sql.js';

/** A use-case woken by the clock: it re-reads the row and decides; an early, late or second wake-up changes nothing. */
export interface JobDefinition<Tx> {
  readonly handle: (job: { rowId: string; patientId: string; dueAt: Date }, tx: Tx) => Promise<void>;
  readonly attempts: number;
  /** Wait before the second attempt; doubled before each further one, at most ten minutes. */
  readonly backoffMs: number;
  /** Rows due before `until`, oldest first: what the sweep arms, and runs itself when nobody woke it. */
  readonly due: (sql: Sql, until: Date, limit: number) => Promise<readonly Omit<JobRequest, 'name'>[]>;
}

/** Job name -> what it does. Every name has a handler or the program does not start. */
export type JobTable<Tx> = Readonly<Record<string, JobDefinition<Tx>>>;

/** What an alarm clock has to know of a job: whose handler it is, is the runner's business. */
export type AttemptTable = Readonly<Record<string, Pick<JobDefinition<never>, 'attempts' | 'backoffMs'>>>;

/** `<name>_<row id>_<due epoch ms>`: asking twice is asking once; a moved due time is another job. */
export const jobId = (job: JobRequest): string => `${job.name}_${job.rowId}_${job.dueAt.getTime()}`;

const LONGEST_BACKOFF_MS = 600_000;

/** Milliseconds to wait after the `failures`th failure. */
export const backoffMs = (definition: Pick<JobDefinition<never>, 'backoffMs'>, failures: number): number =>
  Math.min(definition.backoffMs * 2 ** Math.min(Math.max(failures - 1, 0), 20), LONGEST_BACKOFF_MS);

/** The alarm clock's port: BullMQ on PostgreSQL, BullMQ on Redis, or the test's clock. */
export interface Alarms {
  /** Idempotent by job id. Rejects within seconds when the store is away; then nothing, or some of them, is armed. */
  arm(jobs: readonly JobRequest[]): Promise<void>;
  /**
   * Calls `wake` at or after each job's due time, at least once; a rejection is retried by the table's attempts and
   * backoff, then `exhausted`. A job whose name is not in the table is exhausted at once. When `exhausted` itself rejects,
   * the job stays and is tried again.
   */
  start(
    table: AttemptTable,
    wake: (job: JobRequest) => Promise<void>,
    exhausted: (job: JobRequest, error: Error) => Promise<void>,
  ): Promise<void>;
  /** False while the store does not answer: due things are then late by up to a sweep. */
  healthy(): boolean;
  /** Takes no more jobs, finishes those in hand, lets go of the store. */
  stop(): Promise<void>;
}
