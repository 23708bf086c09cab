// Starts the servers that tests need, says where they are in one line of JSON, and stops them when its standard input ends.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';
import { startPostgres } from '@throughline/local-servers/postgres';
import { startRedis } from '@throughline/local-servers/redis';

const folder = mkdtempSync(join(tmpdir(), 'throughline-tests-'));
// PostgreSQL runs as an account of its own when root runs the tests, and has to get in.
chmodSync(folder, 0o711);
const progress = (line) => console.error(`  ${line}`);
const [postgresPort, kafkaPort, controllerPort, redisPort] = await freePorts(4);
const started = [];
const gaps = [];
const attempt = async (name, start) => {
  try {
    const server = await start();
    started.push(server);
    return server;
  } catch (error) {
    gaps.push({ name, why: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
};

// The data of tests are not worth a disk flush; what they say about crashes they say of servers of their own.
const quick = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
const [postgres, kafka, redis] = await Promise.all([
  attempt('PostgreSQL', () => startPostgres({ folder: join(folder, 'postgres'), port: postgresPort, maxConnections: 300, settings: quick, progress })),
  attempt('Kafka', () => startKafka({ folder: join(folder, 'kafka'), port: kafkaPort, controllerPort, progress })),
  attempt('Redis', () => startRedis({ folder: join(folder, 'redis'), port: redisPort, progress })),
]);

console.log(
  JSON.stringify({
    env: {
      ...(postgres ? { TEST_POSTGRES_URL: postgres.url() } : {}),
      ...(kafka ? { TEST_KAFKA_BROKERS: kafka.brokers.join(',') } : {}),
      ...(redis ? { TEST_REDIS_URL: redis.url } : {}),
    },
    gaps,
  }),
);

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await Promise.all(started.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
};
process.stdin.on('end', stop).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.stdin.isTTY && signal === 'SIGINT' ? undefined : stop());
