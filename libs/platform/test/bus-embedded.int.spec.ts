import { setTimeout as delay } from 'node:timers/promises';
import { busContract } from '@throughline/testing/bus-contract';
import { BusRecorder, eventually } from '@throughline/testing/bus-recorder';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import pg from 'pg';
import { EmbeddedBus } from '../src/bus/embedded-bus.js';
import type { Sql } from '../src/persistence/sql.js';

const transactions = (url: string) => {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined);
  return {
    end: () => pool.end(),
    run: async (work: (sql: Sql) => Promise<void>): Promise<void> => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await work({ query: async (text, params) => (await client.query(text, params as unknown[])).rows as never });
        await client.query('commit');
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },
  };
};

busContract('embedded', async () => {
  const database = await testDatabase();
  const bus = await EmbeddedBus.open({ url: database.url, askAgainMs: 500 });
  const publisher = transactions(database.url);
  return {
    bus,
    second: null,
    inTransaction: publisher.run,
    stop: async () => {
      await bus.close();
      await publisher.end();
      await database.drop();
    },
  };
});

describe('the embedded bus', () => {
  let database: TestDatabase;
  let publisher: ReturnType<typeof transactions>;
  const one = (value: unknown): { key: string; headers: Record<string, string>; value: string } => ({ key: 'k', headers: {}, value: JSON.stringify(value) });

  beforeEach(async () => {
    database = await testDatabase();
    publisher = transactions(database.url);
  });
  afterEach(async () => {
    await publisher.end();
    await database.drop();
  });

  test('is for one process: a second opener gets a clear error, the next one after close does not', async () => {
    const bus = await EmbeddedBus.open({ url: database.url });
    await expect(EmbeddedBus.open({ url: database.url, patienceMs: 200 })).rejects.toThrow(/already open in another process.*THROUGHLINE_BUS=kafka/);
    const id = await bus.clusterId();
    await bus.close();
    const next = await EmbeddedBus.open({ url: database.url });
    expect(await next.clusterId()).toBe(id);
    await next.close();
  });

  test('what is rolled back was never published, and leaves no gap', async () => {
    const bus = await EmbeddedBus.open({ url: database.url });
    await bus.ensureTopics(['t']);
    const consumer = new BusRecorder();
    await bus.subscribe('g', ['t'], consumer);
    await expect(
      publisher.run(async (sql) => {
        await bus.publish('t', [one('never')], sql);
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await publisher.run((sql) => bus.publish('t', [one('kept')], sql));
    await eventually(() => consumer.records.length === 1, 'the kept record arrives, without a bell, by the poll');
    expect(consumer.records).toMatchObject([{ offset: 0, value: '"kept"' }]);
    await bus.close();
  });

  test('survives the loss of all its connections, and takes its lock again', async () => {
    const bus = await EmbeddedBus.open({ url: database.url });
    await bus.ensureTopics(['t']);
    const consumer = new BusRecorder();
    const subscription = await bus.subscribe('g', ['t'], consumer);
    const admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'throughline-bus%'`);
    await admin.end();
    const attempt = (): Promise<boolean> => publisher.run((sql) => bus.publish('t', [one(1)], sql)).then(() => true, () => false);
    await eventually(attempt, 'publishing works again');
    await eventually(() => consumer.records.length >= 1 && subscription.healthy(), 'reading works again');
    await expect(EmbeddedBus.open({ url: database.url, patienceMs: 200 })).rejects.toThrow(/already open/);
    await bus.close();
  });

  test('prunes what is old and behind every group that reads the topic, and no more', async () => {
    const bus = await EmbeddedBus.open({ url: database.url, readers: new Map([['t', ['fast', 'slow']]]) });
    await bus.ensureTopics(['t', 'nobody']);
    for (let n = 0; n < 10; n++) await publisher.run((sql) => bus.publish('t', [one(n)], sql));
    await publisher.run((sql) => bus.publish('nobody', [one(0)], sql));
    const spanOf = async (topic: string) => (await bus.spans(topic)).find((span) => span.high > 0);
    const fast = await bus.subscribe('fast', ['t'], new BusRecorder());
    await eventually(async () => (await noted('fast')) === 10, "the fast group's position is noted");
    expect(await bus.prune(new Date(Date.now() + 60_000))).toBe(1);
    expect(await spanOf('nobody')).toMatchObject({ low: 1, high: 1 });
    expect(await spanOf('t')).toMatchObject({ low: 0, high: 10 });
    const slowConsumer = new BusRecorder();
    slowConsumer.before = (records) => (records[0]!.offset >= 6 ? Promise.reject(new Error('busy')) : delay(0).then(() => undefined));
    const partition = (await spanOf('t'))!.partition;
    slowConsumer.positions.set(`t/${partition}`, 0);
    const slow = await bus.subscribe('slow', ['t'], {
      assigned: (partitions) => slowConsumer.assigned(partitions),
      deliver: async (records) => {
        await slowConsumer.deliver(records.slice(0, 6));
        return records.length > 6 ? [{ topic: 't', partition, offset: 6 }] : [];
      },
      revoked: () => Promise.resolve(),
      astray: () => Promise.resolve([]),
    });
    await eventually(async () => (await noted('slow')) === 6, "the slow group's position is noted");
    expect(await bus.prune(new Date(Date.now() - 60_000))).toBe(0);
    expect(await bus.prune(new Date(Date.now() + 60_000))).toBe(6);
    expect(await spanOf('t')).toMatchObject({ low: 6, high: 10 });
    expect(await bus.recordAt('t', partition, 5)).toBeNull();
    expect(await bus.recordAt('t', partition, 6)).toMatchObject({ value: '6' });
    await slow.stop();
    await fast.stop();
    await bus.close();

    async function noted(group: string): Promise<number> {
      let found = 0;
      await publisher.run(async (sql) => {
        const [row] = await sql.query<{ n: string }>(`select max(next_offset) as n from bus.group_position where group_name = $1`, [group]);
        found = Number(row?.n ?? 0);
      });
      return found;
    }
  });

  test('a topic with another number of partitions is an error', async () => {
    const bus = await EmbeddedBus.open({ url: database.url });
    await publisher.run(async (sql) => void (await sql.query(`insert into bus.partition (topic, partition) values ('odd', 0)`)));
    await expect(bus.ensureTopics(['odd'])).rejects.toThrow('Topic odd has 1 partitions, not 3');
    await bus.close();
  });
});
