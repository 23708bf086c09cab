import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@throughline/local-servers/ports';
import { startPostgres, type LocalPostgres } from '@throughline/local-servers/postgres';
import { BusRecorder, eventually } from '@throughline/testing/bus-recorder';
import pg from 'pg';
import { EmbeddedBus } from '../src/bus/embedded-bus.js';

const publishOnce = async (bus: EmbeddedBus, url: string, key: string, value: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('begin');
    await bus.publish('stream', [{ key, headers: {}, value }], { query: async (text, params) => (await client.query(text, params as unknown[])).rows as never });
    await client.query('commit');
  } finally {
    await client.end().catch(() => undefined);
  }
};

test('PostgreSQL killed with -9 in the middle of a stream: what was committed is read, in order, and the bus goes on', async () => {
  const home = mkdtempSync(join(tmpdir(), 'throughline-bus-'));
  chmodSync(home, 0o711);
  const port = await freePort();
  const start = (): Promise<LocalPostgres> => startPostgres({ folder: join(home, 'postgres'), port });
  let server = await start();
  const bus = await EmbeddedBus.open({ url: server.url() });
  try {
    await bus.ensureTopics(['stream']);
    const consumer = new BusRecorder();
    const subscription = await bus.subscribe('g', ['stream'], consumer);
    const confirmed = new Set<string>();
    let refused = 0;
    const publishing = (async () => {
      for (let n = 0; n < 300; n++) {
        const value = JSON.stringify(n);
        while (!(await publishOnce(bus, server.url(), `key-${n % 7}`, value).then(() => true, () => false))) {
          refused++;
          await delay(20);
        }
        confirmed.add(value);
        bus.bell.ring();
      }
    })();
    await eventually(() => confirmed.size > 100, 'the stream flows');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    server = await start();
    await publishing;
    expect(refused).toBeGreaterThan(0);
    await eventually(() => new Set(consumer.values).size === 300, 'everything confirmed has been read');
    for (const partition of [0, 1, 2]) {
      const offsets = consumer.records.filter((one) => one.partition === partition).map((one) => one.offset);
      expect(offsets).toEqual(offsets.map((_, n) => n));
    }
    await eventually(() => subscription.healthy(), 'the subscription is healthy again');
  } finally {
    await bus.close();
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
}, 120_000);
