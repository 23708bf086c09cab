import type { Clock } from '@throughline/kernel/clock';
import { idOf } from '@throughline/kernel/ids';
import { Refused } from '@throughline/kernel/refused';
import type { Logger } from 'pino';
import { isTransient } from '../persistence/transient.js';
import type { Cause, JobRequest } from '../persistence/unit.js';
import { withCorrelation } from '../telemetry/correlation.js';
import type { Metrics } from '../telemetry/metrics.js';
import { LoggableError } from '../telemetry/safe-error.js';
import { type Traces, type TraceSpan } from '../telemetry/traces.js';
import { originOf } from './job-origin.js';
import { parkJob } from './job-parking.js';
import type { InTransaction } from './job-relay.js';
import { jobId } from './jobs.js';
import type { JobTable } from './jobs.js';

export interface JobRunnerOptions<Tx> {
  readonly service: string;
  readonly table: JobTable<Tx>;
  readonly inPatients: (patientIds: readonly string[], cause: Cause, work: (tx: Tx) => Promise<void>) => Promise<void>;
  readonly inTransaction: InTransaction;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Absent: no traces. */
  readonly traces?: Traces | undefined;
}

const correlationOf = (job: JobRequest): string => idOf('job-correlation', jobId(job));

/** Handles a job that was woken, by an alarm, by the sweep or by replay: always the same road. */
export class JobRunner<Tx> {
  constructor(private readonly options: JobRunnerOptions<Tx>) {}

  /** Rejects when the job has to be tried again. A refusal is an outcome: asking again gives the same answer. */
  readonly wake = async (job: JobRequest): Promise<void> => {
    const { service, table, inPatients, logger } = this.options;
    const definition = table[job.name];
    if (definition === undefined) throw new LoggableError('No job has this name');
    const correlationId = correlationOf(job);
    const span = await this.#span(job);
    const cause: Cause = { correlationId, causationId: idOf('job', jobId(job)), actor: `service:${service}`, ...(span === undefined ? {} : { traceparent: span.traceparent }) };
    await withCorrelation(correlationId, async () => {
      try {
        await inPatients([job.patientId], cause, (tx) =>
          definition.handle({ rowId: job.rowId, patientId: job.patientId, dueAt: job.dueAt }, tx),
        );
        this.#count(job, 'done');
        span?.end();
      } catch (error) {
        span?.end(error instanceof Refused ? undefined : error);
        if (!(error instanceof Refused)) {
          this.#count(job, 'failed');
          logger.warn({ job: job.name, rowId: job.rowId, err: error }, 'job failed');
          throw error;
        }
        this.#count(job, 'refused');
        logger.info({ job: job.name, rowId: job.rowId, outcome: 'refused', reason: error.reason }, 'job refused');
      }
    }, cause.traceparent);
  };

  /**
   * Parks the job for a person. When the cause lies in the surroundings (the database was away) nothing is parked: the row
   * is still due, so the sweep runs it again.
   */
  readonly exhausted = async (job: JobRequest, error: Error): Promise<void> => {
    const { inTransaction, clock, logger, table } = this.options;
    const correlationId = correlationOf(job);
    await withCorrelation(correlationId, async () => {
      if (isTransient(error)) {
        logger.warn({ job: job.name, rowId: job.rowId, err: error }, 'job left to the sweep');
        return;
      }
      await inTransaction((sql) => parkJob(sql, job, error, table[job.name]?.attempts ?? 1, correlationId, clock.now()));
      this.#count(job, 'parked');
      logger.error({ job: job.name, rowId: job.rowId, err: error }, 'job parked');
    });
  };

  /** A trace of its own, days after the thread that made the row: a link leads back there. */
  async #span(job: JobRequest): Promise<TraceSpan | undefined> {
    const { traces, inTransaction } = this.options;
    if (traces === undefined) return undefined;
    const origin = await inTransaction((sql) => originOf(sql, job.rowId)).catch(() => undefined);
    return traces.begin({
      name: `process job:${job.name}`,
      kind: 'consumer',
      links: [origin],
      attributes: { 'messaging.system': 'throughline', 'messaging.operation.name': 'process', 'messaging.operation.type': 'process', 'messaging.destination.name': `job:${job.name}`, 'throughline.job': job.name },
    });
  }

  #count(job: JobRequest, outcome: string): void {
    const { metrics, clock, table } = this.options;
    // A name from the store could be anything: it must not become a series.
    const name = table[job.name] === undefined ? 'unknown' : job.name;
    metrics.jobs.inc({ job: name, outcome });
    if (outcome === 'done') metrics.jobLatenessSeconds.observe(Math.max(0, clock.now().getTime() - job.dueAt.getTime()) / 1_000);
  }
}
