import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startKafka, type LocalKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';
import { BusRecorder, eventually } from '@throughline/testing/bus-recorder';
import { KafkaBus } from '../src/bus/kafka-bus.js';
import type { Sql } from '../src/persistence/sql.js';

const noSql: Sql = { query: () => Promise.reject(new Error('the Kafka bus touches no database')) };

describe('a broker killed with -9 in the middle of a stream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-kafka-'));
  let ports: [number, number];
  let server: LocalKafka;
  const start = (): Promise<LocalKafka> => startKafka({ folder, port: ports[0], controllerPort: ports[1] });
  beforeAll(async () => {
    ports = (await freePorts(2)) as [number, number];
    server = await start();
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('costs time, but no record: the publisher repeats, the readers come back to their positions', async () => {
    const bus = new KafkaBus({ brokers: server.brokers, clientId: 'outage' });
    await bus.ensureTopics(['stream']);
    const positions = new Map<string, number>();
    const [one, two] = [new BusRecorder(positions), new BusRecorder(positions)];
    const first = await bus.subscribe('readers', ['stream'], one);
    const second = await bus.subscribe('readers', ['stream'], two);
    await eventually(() => first.healthy() && second.healthy(), 'both members are in the group');

    const total = 400;
    let refused = 0;
    let sent = 0;
    const publishing = (async () => {
      for (; sent < total; sent++) {
        const records = Array.from({ length: 5 }, (_, n) => ({ key: `key-${(sent + n) % 50}`, headers: {}, value: JSON.stringify([sent, n]) }));
        // As the relay does: the whole send again, until it is taken.
        while (!(await bus.publish('stream', records, noSql).then(() => true, () => false))) {
          refused++;
          await delay(50);
        }
      }
    })();
    await eventually(() => sent > 100, 'the stream flows');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await eventually(() => !first.healthy() && !second.healthy(), 'the members notice that they have lost the group');
    await eventually(() => refused > 0, 'the publisher is refused, not deceived');
    server = await start();
    await publishing;
    const distinct = (): number => new Set([...one.values, ...two.values]).size;
    await eventually(() => distinct() === total * 5, 'every record has been read', 90_000);
    await eventually(() => first.healthy() && second.healthy(), 'both members are back');
    await bus.close();
  }, 240_000);

  test('stop comes to an end while the broker is away', async () => {
    const bus = new KafkaBus({ brokers: server.brokers, clientId: 'away' });
    await bus.ensureTopics(['other']);
    const subscription = await bus.subscribe('leavers', ['other'], new BusRecorder());
    await eventually(() => subscription.healthy(), 'the member is in the group');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    await bus.close();
    expect(subscription.healthy()).toBe(false);
    server = await start();
  }, 120_000);
});
