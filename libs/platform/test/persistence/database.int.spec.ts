import { testDatabase } from '@throughline/testing/test-database';
import type { TestDatabase } from '@throughline/testing/test-database';
import type { DataSource } from 'typeorm';
import { createDataSource, inTransaction, withConnection } from '../../src/persistence/database.js';
import { ForwardMigration } from '../../src/persistence/forward-migration.js';
import { migrate, pendingMigrations } from '../../src/persistence/migrate.js';

class OwnTable1600000000000 extends ForwardMigration {
  readonly name = 'OwnTable1600000000000';
  readonly sql = '-- expand\n create table own (id uuid primary key)';
}

describe('database', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    dataSource = createDataSource({ url: database.url, service: 'care-plan' });
    await dataSource.initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('migrates two copies at once, names what is pending, and keeps all in the schema of the service', async () => {
    const all = { url: database.url, service: 'care-plan', migrations: [OwnTable1600000000000] };
    expect(await pendingMigrations(dataSource, all.migrations)).toHaveLength(4);
    const ran = await Promise.all([migrate(all), migrate(all)]);
    expect(ran.flat()).toEqual(['PlatformTables1700000000000', 'JobOrigin1700000000001', 'RecoveryTables1700000000002', 'OwnTable1600000000000']);
    expect(await pendingMigrations(dataSource, all.migrations)).toEqual([]);
    const tables = await withConnection(dataSource, (sql) => sql.query<{ s: string }>(`select distinct schemaname as s from pg_tables where tablename in ('outbox', 'own', '_migrations')`));
    expect(tables).toEqual([{ s: 'care_plan' }]);
  });

  it('sets the time-outs, reads bigint as number and a date as it stands', async () => {
    const [row] = await withConnection(dataSource, (sql) =>
      sql.query(`select current_setting('lock_timeout') l, current_setting('statement_timeout') s,
        current_setting('idle_in_transaction_session_timeout') i, 7::bigint b, date '2026-03-08' d`),
    );
    expect(row).toEqual({ l: '5s', s: '30s', i: '10s', b: 7, d: '2026-03-08' });
  });

  it('fails a transaction whose work swallowed an error of a statement', async () => {
    await expect(inTransaction(dataSource, async (sql) => { await sql.query('select 1/0').catch(() => undefined); })).rejects.toMatchObject({ code: '22012' });
  });

  it('refuses a statement that comes after the end', async () => {
    let late: Promise<unknown> | undefined;
    await inTransaction(dataSource, async (sql) => { late = new Promise((resolve) => setImmediate(resolve)).then(() => new Promise((r) => setTimeout(r, 20))).then(() => sql.query('select 1')); });
    await expect(late).rejects.toThrow('The transaction is over');
  });

  it('survives a connection that is cut off in the middle', async () => {
    await expect(
      inTransaction(dataSource, async (sql) => {
        const [row] = await sql.query<{ pid: number }>('select pg_backend_pid() as pid');
        await withConnection(dataSource, (other) => other.query('select pg_terminate_backend($1)', [row!.pid]));
        await sql.query('select 1');
      }),
    ).rejects.toThrow();
    expect(await withConnection(dataSource, (sql) => sql.query('select 1 as one'))).toEqual([{ one: 1 }]);
  });
});
