import type { Service } from '@throughline/contracts/define-event';
import { platformConfig } from '../config/read-platform-config.js';
import { migrateJobs } from '../jobs/postgres-queue.js';
import { migrate, type MigrationClass } from '../persistence/migrate.js';
import type { ServiceDefinition } from './definition.js';

/**
 * Brings the service's schema up to date, and the job queue's when jobs are kept in PostgreSQL. Forward only; safe to run at
 * any time and by several at once. Answers the names of the migrations that ran now.
 */
export const migrateService = async <S extends Service, Tx, Config>(
  definition: ServiceDefinition<S, Tx, Config>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> => {
  const { databaseUrl, jobs } = platformConfig(definition.name, env);
  const ran = await migrate({ url: databaseUrl, service: definition.name, migrations: definition.migrations as readonly MigrationClass[] });
  if (jobs.kind === 'postgres') await migrateJobs(databaseUrl);
  return ran;
};
