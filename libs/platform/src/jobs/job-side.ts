import type { Clock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import type { Cause, JobRequest } from '../persistence/unit.js';
import type { Bell } from '../runner/bell.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import { JobRelay } from './job-relay.js';
import type { InTransaction } from './job-relay.js';
import { JobRunner } from './job-runner.js';
import type { Alarms, JobTable } from './jobs.js';
import { Sweep } from './sweep.js';

export interface JobSideOptions<Tx> {
  readonly service: string;
  readonly table: JobTable<Tx>;
  readonly alarms: Alarms;
  readonly inPatients: (patientIds: readonly string[], cause: Cause, work: (tx: Tx) => Promise<void>) => Promise<void>;
  readonly inTransaction: InTransaction;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly traces?: Traces | undefined;
  readonly sweepEveryMs?: number;
}

/** Everything a service runs for its jobs. */
export interface JobSide {
  /** Rejects when the job store was never migrated; a store that is away is waited for. */
  start(): Promise<void>;
  /** Takes nothing more, finishes what is in hand. */
  stop(): Promise<void>;
  /** Runs a job as if woken: replay of parked ones. */
  readonly wake: (job: JobRequest) => Promise<void>;
  readonly relay: JobRelay;
  readonly sweep: Sweep;
}

export const createJobSide = <Tx>(options: JobSideOptions<Tx>): JobSide => {
  const { table, alarms, sweepEveryMs } = options;
  const runner = new JobRunner(options);
  const relay = new JobRelay(options);
  const sweep = new Sweep({ ...options, wake: runner.wake, exhausted: runner.exhausted, everyMs: sweepEveryMs });
  return {
    relay,
    sweep,
    wake: runner.wake,
    start: async () => {
      await alarms.start(table, runner.wake, runner.exhausted);
      relay.start();
      sweep.start();
    },
    stop: async () => {
      await Promise.all([sweep.stop(), relay.stop()]);
      await alarms.stop();
    },
  };
};
