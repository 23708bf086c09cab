import type { DataSource } from 'typeorm';
import { testDatabase } from '@throughline/testing/test-database';
import type { Clock } from '@throughline/kernel/clock';
import { JobRelay } from '../src/jobs/job-relay.js';
import { JobRunner } from '../src/jobs/job-runner.js';
import type { Alarms, JobDefinition, JobTable } from '../src/jobs/jobs.js';
import { migrateJobs } from '../src/jobs/postgres-queue.js';
import { Sweep } from '../src/jobs/sweep.js';
import { createDataSource, inTransaction } from '../src/persistence/database.js';
import { migrate } from '../src/persistence/migrate.js';
import type { Sql } from '../src/persistence/sql.js';
import { createTransactions } from '../src/persistence/transactions.js';
import type { JobRequest, Unit } from '../src/persistence/unit.js';
import { Bell } from '../src/runner/bell.js';
import { createLogger } from '../src/telemetry/logger.js';
import { createMetrics, type Metrics } from '../src/telemetry/metrics.js';

/** A service with one kind of due thing: `thing(id, patient_id, due_at, woken)`; a wake-up that finds it due ends it. */
export interface JobsService {
  readonly databaseUrl: string;
  readonly dataSource: DataSource;
  readonly bell: Bell;
  readonly runner: JobRunner<Unit<'care-plan'>>;
  readonly table: JobTable<Unit<'care-plan'>>;
  readonly metrics: Metrics;
  /** What a wake-up does beyond ending the thing. */
  behave(handle: JobDefinition<Unit<'care-plan'>>['handle']): void;
  relay(alarms: Alarms): JobRelay;
  sweep(alarms: Alarms, everyMs?: number, graceMs?: number): Sweep;
  /** A due thing and the request for its alarm, in one transaction. */
  add(job: JobRequest, asked?: boolean): Promise<void>;
  query<Row>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  open(): Promise<number>;
  close(): Promise<void>;
}

export const logger = createLogger({ service: 'care-plan', level: process.env['TEST_LOG'] ?? 'silent' });

export const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const limit = Date.now() + 40_000;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error('The condition did not come true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

export const jobsService = async (clock: Clock): Promise<JobsService> => {
  const database = await testDatabase();
  await migrate({ url: database.url, service: 'care-plan', migrations: [] });
  await migrateJobs(database.url);
  const dataSource = createDataSource({ url: database.url, service: 'care-plan' });
  await dataSource.initialize();
  const within = <T>(work: (sql: Sql) => Promise<T>): Promise<T> => inTransaction(dataSource, work);
  await within((sql) => sql.query('create table thing (id uuid primary key, patient_id uuid not null, due_at timestamptz not null, woken integer not null default 0)'));
  const bell = new Bell();
  const metrics = createMetrics('care-plan');
  const transactions = createTransactions({ service: 'care-plan', dataSource, clock, bell });
  let behaviour: JobDefinition<Unit<'care-plan'>>['handle'] = () => Promise.resolve();
  const table: JobTable<Unit<'care-plan'>> = {
    'thing-due': {
      attempts: 3,
      backoffMs: 10,
      handle: async (job, tx) => {
        await behaviour(job, tx);
        await tx.sql.query('update thing set woken = woken + 1 where id = $1 and woken = 0 and due_at <= $2', [job.rowId, tx.now]);
      },
      due: async (sql, until, limit) => {
        const rows = await sql.query<{ id: string; patient_id: string; due_at: Date }>(
          'select id, patient_id, due_at from thing where woken = 0 and due_at < $1 order by due_at limit $2',
          [until, limit],
        );
        return rows.map((row) => ({ rowId: row.id, patientId: row.patient_id, dueAt: row.due_at }));
      },
    },
  };
  const shared = { service: 'care-plan', inTransaction: within, clock, logger, metrics };
  const runner = new JobRunner({ ...shared, table, inPatients: (ids, cause, work) => transactions.inPatients(ids, cause, (unit) => work(unit)) });
  return {
    databaseUrl: database.url,
    dataSource,
    bell,
    runner,
    table,
    metrics,
    behave: (handle) => void (behaviour = handle),
    relay: (alarms) => new JobRelay({ ...shared, alarms, bell }),
    sweep: (alarms, everyMs, graceMs) => new Sweep({ ...shared, table, alarms, wake: runner.wake, exhausted: runner.exhausted, everyMs, graceMs }),
    add: async (job, asked = true) => {
      const cause = { correlationId: job.rowId, causationId: job.rowId, actor: 'test' };
      await transactions.inPatients([job.patientId], cause, async (unit) => {
        await unit.sql.query('insert into thing (id, patient_id, due_at) values ($1, $2, $3)', [job.rowId, job.patientId, job.dueAt]);
        if (asked) unit.ask(job);
      });
    },
    query: (text, params) => within((sql) => sql.query(text, params)),
    open: async () => (await within((sql) => sql.query<{ n: number }>('select count(*)::int as n from thing where woken = 0')))[0]?.n ?? -1,
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
};
