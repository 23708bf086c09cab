import { LoggableError } from '../telemetry/safe-error.js';
import type { JobRequest } from '../persistence/unit.js';
import type { AttemptTable } from './jobs.js';

export interface Callbacks {
  readonly table: AttemptTable;
  readonly wake: (job: JobRequest) => Promise<void>;
  readonly exhausted: (job: JobRequest, error: Error) => Promise<void>;
}

/** Tries that began and never ended: the process died in them. One more could be the job's own doing. */
const DEATHS_ALLOWED = 3;

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/**
 * One try of a job, the same for every adapter.
 * @param failures tries that ended in a failure before this one
 * @param deaths tries before this one that never ended
 * @returns when the job is over, done or exhausted; rejects when it has to be tried again
 */
export const attempt = async (job: JobRequest, failures: number, deaths: number, to: Callbacks): Promise<void> => {
  const definition = to.table[job.name];
  if (definition === undefined) {
    await to.exhausted(job, new LoggableError(`No job is named ${/^[\w.-]{1,60}$/.test(job.name) ? job.name : 'so'}`));
    return;
  }
  if (deaths >= DEATHS_ALLOWED) {
    await to.exhausted(job, new LoggableError(`The process died ${deaths} times while it handled this job`));
    return;
  }
  try {
    await to.wake(job);
  } catch (thrown) {
    if (failures + 1 < definition.attempts) throw thrown;
    await to.exhausted(job, asError(thrown));
  }
};
