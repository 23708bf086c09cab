import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { alarmsContract } from '@throughline/testing/alarms-contract';
import type { AlarmsHarness } from '@throughline/testing/alarms-contract';
import { fixedClock } from '@throughline/testing/fixed-clock';
import { TestAlarms } from '@throughline/testing/test-alarms';
import type { AlarmStore } from '@throughline/testing/test-alarms';
import { testDatabase } from '@throughline/testing/test-database';
import { BullmqAlarms } from '../src/jobs/bullmq-alarms.js';
import { migrateJobs, postgresQueue } from '../src/jobs/postgres-queue.js';
import { redisQueue } from '../src/jobs/redis-queue.js';
import { createLogger } from '../src/telemetry/logger.js';

const logger = createLogger({ service: 'care-plan', level: 'silent' });

const realTime = {
  now: () => new Date(),
  until: async (condition: () => boolean): Promise<void> => {
    const limit = Date.now() + 30_000;
    while (!condition()) {
      if (Date.now() > limit) throw new Error('The condition did not come true');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
};

alarmsContract('BullMQ on PostgreSQL', async (): Promise<AlarmsHarness> => {
  const database = await testDatabase();
  await migrateJobs(database.url);
  return {
    ...realTime,
    open: () => new BullmqAlarms(postgresQueue('care-plan', database.url), { logger }),
    close: () => database.drop(),
  };
});

alarmsContract('BullMQ on Redis', (): Promise<AlarmsHarness> => {
  const url = process.env['TEST_REDIS_URL'];
  if (url === undefined) throw new Error('TEST_REDIS_URL is not set: run the tests through `npm test`, which starts the servers they need');
  const prefix = `t_${randomUUID()}`;
  return Promise.resolve({
    ...realTime,
    open: () => new BullmqAlarms(redisQueue('care-plan', url, prefix), { logger }),
    close: async () => {
      const redis = new Redis(url);
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(keys);
      await redis.quit();
    },
  });
});

alarmsContract("the test's clock", (): Promise<AlarmsHarness> => {
  const clock = fixedClock('2026-03-01T12:00:00Z');
  const store: AlarmStore = new Map();
  const open: TestAlarms[] = [];
  return Promise.resolve({
    open: () => {
      const alarms = new TestAlarms(clock, store);
      open.push(alarms);
      return alarms;
    },
    now: () => clock.now(),
    until: async (condition) => {
      for (let steps = 0; !condition(); steps += 1) {
        if (steps > 1_000) throw new Error('The condition did not come true');
        const to = new Date(clock.now().getTime() + 10);
        for (const alarms of open) await alarms.advance(to);
      }
    },
    close: () => Promise.resolve(),
  });
});
