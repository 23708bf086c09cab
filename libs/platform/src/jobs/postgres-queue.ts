import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import pg from 'pg';
import type { QueueStore } from './bullmq-alarms.js';

const SCHEMA = 'bullmq';

/** A URL's own `options` would replace ours, and the queue's functions would not be found. */
const withoutOptions = (databaseUrl: string): string => {
  const url = new URL(databaseUrl);
  url.searchParams.delete('options');
  return url.toString();
};

/** BullMQ's tables, in the schema `bullmq`. Safe to run at any time and by several at once. */
export const migrateJobs = async (databaseUrl: string): Promise<void> => {
  const client = new pg.Client({ connectionString: withoutOptions(databaseUrl), connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
};

/** Three connections, all that a service has for jobs: the worker keeps one for LISTEN, queue and worker share two. */
export const postgresQueue = (name: string, databaseUrl: string): QueueStore => {
  const pool = new pg.Pool({
    connectionString: withoutOptions(databaseUrl),
    max: 3,
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    application_name: `throughline-jobs-${name}`,
    options: `-c search_path=${SCHEMA} -c idle_in_transaction_session_timeout=10000 -c lock_timeout=5000 -c statement_timeout=30000`,
  });
  pool.on('error', () => undefined);
  return {
    open: async (onError) => {
      const queue = new Queue(name, { connection: pool }, createPostgresBackend);
      queue.on('error', onError);
      await queue.waitUntilReady();
      return queue;
    },
    work: (processor, options, onError) => {
      const worker = new Worker(name, processor, { ...options, connection: pool }, createPostgresBackend);
      worker.on('error', onError);
      return worker;
    },
    probe: async () => {
      await pool.query('select 1');
    },
    close: () => pool.end(),
  };
};
