import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { JobData, QueueStore } from './bullmq-alarms.js';

/** Longer than BullMQ lets its worker wait for a job (10 s): silence beyond it is a connection that has died without a word. */
const WORKER_SILENCE_MS = 20_000;

const shared = {
  retryStrategy: (times: number): number => Math.min(times * 200, 2_000),
  connectTimeout: 3_000,
  lazyConnect: true,
} as const;

/**
 * A queue on Redis. What is armed there can be lost (a flush, a disk without AOF): nothing relies on it but punctuality.
 * The connections are ours and not BullMQ's, which cannot close its own while Redis is away.
 * @param prefix sets instances apart that share one database of one Redis
 */
export const redisQueue = (name: string, url: string, prefix = 'throughline'): QueueStore => {
  // Calls fail at once while Redis is away, instead of waiting in memory for its return. A connection that a network has
  // forgotten is given up, too: its calls would time out one after the other until TCP gives up, minutes later.
  const calls = new Redis(url, { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 3_500, socketTimeout: 4_000 });
  const jobs = new Redis(url, { ...shared, maxRetriesPerRequest: null, socketTimeout: WORKER_SILENCE_MS });
  for (const client of [calls, jobs]) client.on('error', () => undefined);
  // A first try that fails goes on by the retry strategy.
  const connect = (client: Redis): void => {
    if (client.status === 'wait') void client.connect().catch(() => undefined);
  };
  return {
    open: (onError) => {
      connect(calls);
      const queue = new Queue<JobData, void, string>(name, { prefix, connection: calls });
      queue.on('error', onError);
      // Not waited for: a service starts without its Redis and lives on its sweep until that answers.
      return Promise.resolve(queue);
    },
    work: (processor, options, onError) => {
      connect(jobs);
      const worker = new Worker<JobData, void, string>(name, processor, { ...options, prefix, connection: jobs });
      worker.on('error', onError);
      return worker;
    },
    probe: async () => {
      await calls.ping();
    },
    close: () => {
      calls.disconnect();
      jobs.disconnect();
      return Promise.resolve();
    },
  };
};
