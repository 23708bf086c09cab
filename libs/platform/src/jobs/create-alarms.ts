import type { JobsConfig } from '../config/platform-config.js';
import { BullmqAlarms } from './bullmq-alarms.js';
import type { BullmqAlarmsOptions } from './bullmq-alarms.js';
import type { Alarms } from './jobs.js';
import { postgresQueue } from './postgres-queue.js';
import { redisQueue } from './redis-queue.js';

export interface AlarmsConfig {
  readonly jobs: JobsConfig;
  readonly databaseUrl: string;
}

/** The service's alarm clock: one queue per service, named after it, on the store that the environment names. */
export const createAlarms = (service: string, config: AlarmsConfig, options: BullmqAlarmsOptions): Alarms => {
  const store = config.jobs.kind === 'redis' ? redisQueue(service, config.jobs.url) : postgresQueue(service, config.databaseUrl);
  return new BullmqAlarms(store, options);
};
