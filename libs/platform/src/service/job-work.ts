import type { PlatformConfig } from '../config/platform-config.js';
import { createAlarms } from '../jobs/create-alarms.js';
import { createJobSide, type JobSide } from '../jobs/job-side.js';
import type { JobTable } from '../jobs/jobs.js';
import { migrateJobs } from '../jobs/postgres-queue.js';
import { inTransaction } from '../persistence/database.js';
import type { BootOptions } from './boot-ports.js';
import type { ServiceRuntime } from './runtime.js';

export interface JobWork extends JobSide {
  healthy(): boolean;
}

/** The service's jobs and its alarm clock; undefined for a service that has none, which then needs no connections for them. */
export const createJobWork = <Tx>(
  runtime: ServiceRuntime<never, Tx>,
  table: JobTable<Tx>,
  config: PlatformConfig,
  options: BootOptions,
): JobWork | undefined => {
  if (Object.keys(table).length === 0) return undefined;
  const { service, logger, bell, clock, metrics, dataSource, traces } = runtime;
  const alarms = options.alarms ?? createAlarms(service, config, { logger });
  const side = createJobSide<Tx>({
    service,
    table,
    alarms,
    inPatients: runtime.inPatients,
    inTransaction: (work) => inTransaction(dataSource, work),
    bell,
    clock,
    logger,
    metrics,
    traces,
  });
  const ownStore = options.alarms === undefined && config.jobs.kind === 'postgres' && config.mode === 'embedded';
  return {
    ...side,
    healthy: () => alarms.healthy(),
    start: async () => {
      if (ownStore) await migrateJobs(config.databaseUrl);
      await side.start();
    },
  };
};
