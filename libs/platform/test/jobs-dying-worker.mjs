// A copy of a service that is killed in the middle of a job: `node jobs-dying-worker.mjs postgres|redis URL QUEUE PREFIX`.
import { createPostgresBackend, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';

const [, , kind, url, queue, prefix] = process.argv;
const die = () => process.kill(process.pid, 'SIGKILL');
const short = { lockDuration: 400, stalledInterval: 400, maxStalledCount: 1_000 };
if (kind === 'postgres') {
  const pool = new pg.Pool({ connectionString: url, max: 3, options: '-c search_path=bullmq' });
  new Worker(queue, die, { ...short, connection: pool }, createPostgresBackend);
} else {
  new Worker(queue, die, { ...short, prefix, connection: new Redis(url, { maxRetriesPerRequest: null }) });
}
