import pg from 'pg';
import { DataSource } from 'typeorm';
import type { MigrationInterface } from 'typeorm';
import { schemaOf, withConnection } from './database.js';
import { JobOrigin1700000000001 } from './job-origin.migration.js';
import { PlatformTables1700000000000 } from './platform-tables.migration.js';
import { RecoveryTables1700000000002 } from '../recovery/recovery-tables.migration.js';

export type MigrationClass = new () => MigrationInterface;

const PLATFORM: readonly MigrationClass[] = [PlatformTables1700000000000, JobOrigin1700000000001, RecoveryTables1700000000002];
const MIGRATIONS_TABLE = '_migrations';

export interface MigrateOptions {
  readonly url: string;
  readonly service: string;
  readonly migrations: readonly MigrationClass[];
}

const run = async (url: string, schema: string, migrations: readonly MigrationClass[]): Promise<readonly string[]> => {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    schema,
    migrations: migrations as MigrationClass[],
    migrationsTableName: MIGRATIONS_TABLE,
    installExtensions: false,
    extra: { max: 1, options: `-c search_path=${schema}` },
  });
  await dataSource.initialize();
  try {
    return (await dataSource.runMigrations({ transaction: 'each' })).map((migration) => migration.name);
  } finally {
    await dataSource.destroy();
  }
};

/**
 * Creates the service's schema and runs what is missing: the platform's migrations, then the service's, each in its own
 * transaction. Two at once wait for each other. Answers the names that ran now.
 */
export const migrate = async ({ url, service, migrations }: MigrateOptions): Promise<readonly string[]> => {
  const schema = schemaOf(service);
  const guard = new pg.Client({ connectionString: url });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock(hashtextextended($1, 0))', [`throughline-migrate:${schema}`]);
    await guard.query(`create schema if not exists "${schema}"`);
    // In two runs, because TypeORM orders one run by time stamp and the platform's tables come first whatever their date.
    return [...(await run(url, schema, PLATFORM)), ...(await run(url, schema, migrations))];
  } finally {
    await guard.end();
  }
};

/** Names of migrations that this program knows and the database lacks; all of them when nothing was ever run. */
export const pendingMigrations = async (dataSource: DataSource, migrations: readonly MigrationClass[]): Promise<readonly string[]> => {
  const wanted = [...PLATFORM, ...migrations].map((migration) => new migration().name ?? migration.name);
  const done = await withConnection(dataSource, async (sql) => {
    const [table] = await sql.query<{ there: boolean }>(`select to_regclass('${MIGRATIONS_TABLE}') is not null as there`);
    return table?.there ? sql.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE}`) : [];
  });
  const names = new Set(done.map((row) => row.name));
  return wanted.filter((name) => !names.has(name));
};
