import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { startKafka, type LocalKafka } from '../src/kafka.js';
import { freePorts } from '../src/ports.js';

const withAdmin = async <T>(server: LocalKafka, work: (admin: Admin, kafka: Kafka) => Promise<T>): Promise<T> => {
  const kafka = new Kafka({ brokers: [...server.brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  return work(admin, kafka).finally(() => admin.disconnect());
};

describe('a private Kafka', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  let ports: number[];
  let server: LocalKafka;
  const start = (): Promise<LocalKafka> => startKafka({ folder, port: ports[0]!, controllerPort: ports[1]! });
  beforeAll(async () => {
    ports = await freePorts(2);
    server = await start();
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('has the cluster id it was made with, and makes no topics by itself', async () => {
    await withAdmin(server, async (admin) => {
      expect((await admin.describeCluster()).clusterId).toBe(server.clusterId);
      await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }] });
      expect(await admin.listTopics()).toContain('kept');
    });
  });

  test('keeps its log and its id over stop and kill -9', async () => {
    const { clusterId } = server;
    const send = (value: string): Promise<unknown> =>
      withAdmin(server, async (_admin, kafka) => {
        const producer = kafka.producer();
        await producer.connect();
        await producer.send({ topic: 'kept', acks: -1, messages: [{ partition: 0, key: 'k', value }] });
        await producer.disconnect();
      });
    await send('one');
    await server.stop();
    server = await start();
    await send('two');
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
    server = await start();
    expect(server.clusterId).toBe(clusterId);
    const offsets = await withAdmin(server, (admin) => admin.fetchTopicOffsets('kept'));
    expect(offsets.find(({ partition }) => partition === 0)?.high).toBe('2');
  }, 180_000);

  test('a second start on the same folder is a clear error', async () => {
    await expect(start()).rejects.toThrow(/already running on this folder/);
  });
});
