import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { testDatabase } from '@throughline/testing/test-database';
import { BullmqAlarms } from '../src/jobs/bullmq-alarms.js';
import type { QueueStore } from '../src/jobs/bullmq-alarms.js';
import { migrateJobs, postgresQueue } from '../src/jobs/postgres-queue.js';
import { redisQueue } from '../src/jobs/redis-queue.js';
import type { JobRequest } from '../src/persistence/unit.js';
import { logger, until } from './jobs-harness.js';

const QUEUE = 'care-plan';

interface Place {
  readonly url: string;
  readonly prefix: string;
  store(): QueueStore;
  close(): Promise<void>;
}

const places: Record<string, () => Promise<Place>> = {
  postgres: async () => {
    const database = await testDatabase();
    await migrateJobs(database.url);
    return { url: database.url, prefix: '', store: () => postgresQueue(QUEUE, database.url), close: () => database.drop() };
  },
  redis: () => {
    const url = process.env['TEST_REDIS_URL'] ?? '';
    const prefix = `t_${randomUUID()}`;
    const close = async (): Promise<void> => {
      const redis = new Redis(url);
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(keys);
      await redis.quit();
    };
    return Promise.resolve({ url, prefix, store: () => redisQueue(QUEUE, url, prefix), close });
  },
};

describe.each(['postgres', 'redis'])('a copy killed in the middle of a job, on %s', (kind) => {
  let place: Place;
  let alarms: BullmqAlarms;
  let woken: string[];
  let exhausted: string[];
  const job: JobRequest = { name: 'task-due', rowId: randomUUID(), patientId: randomUUID(), dueAt: new Date() };

  beforeEach(async () => {
    place = await places[kind]!();
    [woken, exhausted] = [[], []];
    const armer = new BullmqAlarms(place.store(), { logger });
    await armer.arm([job]);
    await armer.stop();
    alarms = new BullmqAlarms(place.store(), { logger, lockMs: 400 });
  });

  afterEach(async () => {
    await alarms.stop();
    await place.close();
  });

  const dieWithIt = async (): Promise<void> => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'jobs-dying-worker.mjs'), kind, place.url, QUEUE, place.prefix], { stdio: 'inherit' });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
  };

  const start = (): Promise<void> =>
    alarms.start(
      { 'task-due': { attempts: 5, backoffMs: 10 } },
      (one) => Promise.resolve(void woken.push(one.rowId)),
      (_, error) => Promise.resolve(void exhausted.push(error.message)),
    );

  it('leaves it to another copy', async () => {
    await dieWithIt();
    await start();
    await until(() => woken.length > 0);
    expect([woken, exhausted]).toEqual([[job.rowId], []]);
  });

  it('hands it over after three deaths instead of dying for ever', async () => {
    for (let n = 0; n < 3; n += 1) await dieWithIt();
    await start();
    await until(() => exhausted.length > 0);
    expect([woken, exhausted]).toEqual([[], ['The process died 3 times while it handled this job']]);
  });
});
