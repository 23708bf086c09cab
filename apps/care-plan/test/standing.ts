import type { Service } from '@throughline/contracts/define-event';
import { routeOf, type EventOf, type EventType } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import type { BusRecord, PartitionSpan } from '@throughline/platform/bus/bus';
import { JobRelay } from '@throughline/platform/jobs/job-relay';
import { JobRunner } from '@throughline/platform/jobs/job-runner';
import { Sweep } from '@throughline/platform/jobs/sweep';
import { createDataSource, inTransaction } from '@throughline/platform/persistence/database';
import { migrate, type MigrationClass } from '@throughline/platform/persistence/migrate';
import type { Sql } from '@throughline/platform/persistence/sql';
import { createTransactions } from '@throughline/platform/persistence/transactions';
import { Bell } from '@throughline/platform/runner/bell';
import { messageKey } from '@throughline/platform/runner/key-resolver';
import type { Settled } from '@throughline/platform/runner/message-batch';
import { readEventsOf } from '@throughline/platform/runner/read-event';
import { createTopicRunner, type TopicRunner } from '@throughline/platform/runner/topic-runner';
import { createLogger } from '@throughline/platform/telemetry/logger';
import { createMetrics } from '@throughline/platform/telemetry/metrics';
import { fixedClock } from '@throughline/testing/fixed-clock';
import { TestAlarms } from '@throughline/testing/test-alarms';
import { testDatabase } from '@throughline/testing/test-database';
import type { Tx } from '../src/application/ports.js';
import { carePlan } from '../src/care-plan.module.js';
import { PATIENT, type AnyEvent } from './world.js';

const TOPICS = ['intake', 'medication-reconciliation', 'scheduling'] as const;
/** What a replay may touch. */
const READING = new Set(['inbox', 'position']);

/** The service on a real database, its topics' logs in memory, its alarms on the test's clock. */
export const standing = async (now = '2026-03-06T18:00:10.000Z') => {
  const database = await testDatabase();
  await migrate({ url: database.url, service: 'care-plan', migrations: carePlan.migrations as MigrationClass[] });
  const dataSource = await createDataSource({ url: database.url, service: 'care-plan', entities: carePlan.entities }).initialize();
  const clock = fixedClock(now);
  const alarms = new TestAlarms(clock);
  const bell = new Bell();
  const logger = createLogger({ service: 'care-plan', level: process.env['TEST_LOG'] ?? 'silent' });
  const metrics = createMetrics('care-plan');
  const transactions = createTransactions({ service: 'care-plan', dataSource, clock, bell });
  const config = carePlan.config({});
  const within = <T>(work: (sql: Sql) => Promise<T>): Promise<T> => inTransaction(dataSource, work);
  const query = <Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]> => within((sql) => sql.query<Row>(text, params));

  const shared = { service: 'care-plan', inTransaction: within, clock, logger, metrics };
  const jobRunner = new JobRunner<Tx>({ ...shared, table: carePlan.jobs, inPatients: (ids, cause, work) => transactions.inPatients(ids, cause, (unit) => work(carePlan.tx(unit, config))) });
  const relay = new JobRelay({ ...shared, alarms, bell });
  const sweep = new Sweep({ ...shared, table: carePlan.jobs, alarms, wake: jobRunner.wake, exhausted: jobRunner.exhausted });
  await alarms.start(carePlan.jobs, jobRunner.wake, jobRunner.exhausted);

  const records: BusRecord[] = [];
  const of = (topic: string) => records.filter((record) => record.topic === topic);
  const log = {
    remakable: false,
    clusterId: () => Promise.resolve('cluster-1'),
    spans: (topic: string): Promise<PartitionSpan[]> => Promise.resolve([{ topic, partition: 0, low: 0, high: of(topic).length }]),
    recordAt: (topic: string, _partition: number, offset: number) => Promise.resolve(of(topic)[offset] ?? null),
  };
  const settled: Settled[] = [];
  const runners = new Map<string, TopicRunner>();
  const assign = async (): Promise<void> => {
    for (const topic of TOPICS) {
      const runner = createTopicRunner<'care-plan'>({
        service: 'care-plan', dataSource, clock, bell, log, logger,
        read: readEventsOf('care-plan'),
        resolver: messageKey,
        dispatch: ({ payload }, unit) => {
          const event = payload as EventOf<EventType>;
          return (carePlan.consumes as Record<string, (event: unknown, tx: Tx) => Promise<void>>)[event.type]!(event, carePlan.tx(unit, config));
        },
        onSettled: (some) => settled.push(...some),
        backoffMs: [1],
      });
      await runner.assigned([{ topic, partition: 0 }]);
      runners.set(topic, runner as unknown as TopicRunner);
    }
  };
  await assign();

  const recordOf = (event: AnyEvent): BusRecord => {
    const topic: Service = routeOf(event.type)!.from;
    return {
      topic, partition: 0, offset: of(topic).length, key: event.data.patientId, value: JSON.stringify(event.data), at: new Date(event.time),
      headers: { ce_specversion: '1.0', ce_id: event.id, ce_type: event.type, ce_source: `/throughline/${topic}`, ce_subject: event.subject, ce_time: event.time, ce_correlationid: event.correlationId },
    };
  };
  const flow = async (): Promise<void> => {
    while ((await relay.round()) > 0);
    await sweep.run();
  };

  return {
    clock,
    alarms,
    settled,
    query,
    /** Events arrive, one batch each. */
    hear: async (...events: readonly AnyEvent[]): Promise<void> => {
      for (const event of events) {
        const record = recordOf(event);
        records.push(record);
        await runners.get(record.topic)!.deliver([record]);
      }
    },
    /** All of them in one batch of their topic. */
    hearTogether: async (...events: readonly AnyEvent[]): Promise<void> => {
      const batch = events.map((event) => {
        const record = recordOf(event);
        records.push(record);
        return record;
      });
      await runners.get(batch[0]!.topic)!.deliver(batch);
    },
    /** Every topic again from its beginning, with positions at 0 and the inbox emptied. */
    replay: async ({ versionCheck = true } = {}): Promise<void> => {
      for (const runner of runners.values()) await runner.stop();
      await query('truncate inbox');
      await query('update position set next_offset = 0, last_event_id = null');
      if (!versionCheck) await query('truncate applied');
      await assign();
      for (const topic of TOPICS) await runners.get(topic)!.deliver(of(topic));
    },
    command: <T>(work: (tx: Tx) => Promise<T>, actor = 'nurse-1'): Promise<T> =>
      transactions.inPatients([PATIENT], { correlationId: idOf('request', actor), causationId: idOf('command', actor, clock.now().getTime(), settled.length), actor }, (unit) => work(carePlan.tx(unit, config))),
    /** By half days: the sweep arms no more than a day ahead. */
    advance: async (to: string): Promise<void> => {
      const end = Date.parse(to);
      while (clock.now().getTime() < end) await alarms.advance(new Date(Math.min(end, clock.now().getTime() + 43_200_000)), flow);
    },
    flow,
    sweep: () => sweep.run(),
    tasks: async (): Promise<Record<string, string>> =>
      Object.fromEntries((await query<{ step_id: string; status: string }>('select step_id, status from task order by step_id')).map((row) => [row.step_id, row.status])),
    said: async (): Promise<string[]> => (await query<{ type: string }>('select type from outbox order by id')).map(({ type }) => type.slice('care.'.length, -'.v1'.length)),
    /** Every row of every table, but what reading itself keeps. */
    everything: async (): Promise<Record<string, unknown[]>> => {
      const tables = await query<{ name: string }>(`select table_name as name from information_schema.tables where table_schema = current_schema() order by 1`);
      const kept = tables.filter(({ name }) => !READING.has(name));
      return Object.fromEntries(await Promise.all(kept.map(async ({ name }) => [name, (await query<{ row: unknown }>(`select to_jsonb(t) as row from "${name}" t order by to_jsonb(t)::text`)).map(({ row }) => row)] as const)));
    },
    stop: async (): Promise<void> => {
      for (const runner of runners.values()) await runner.stop();
      await alarms.stop();
      await dataSource.destroy();
      await database.drop();
    },
  };
};
export type Standing = Awaited<ReturnType<typeof standing>>;
