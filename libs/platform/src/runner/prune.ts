import type { Clock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { withConnection } from '../persistence/database.js';

/** Table, time column, days kept. The inbox outlives the topics (30 days), so that a late repeat is still known. */
const KEPT: readonly (readonly [table: string, days: number])[] = [
  ['inbox', 35],
  ['command', 30],
  ['job_origin', 100],
];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STEP = 5_000;

/** Tries of messages that were settled by another way than the one that counted them: with their batch, or already before. */
const SETTLED_ATTEMPTS = `delete from attempt a using position p where p.topic = a.topic and p.partition = a.partition and a.log_offset < p.next_offset`;

/** Deletes what its time has passed, in steps small enough to disturb nobody. */
export const prune = async (dataSource: DataSource, now: Date): Promise<void> => {
  for (const [table, days] of KEPT) {
    const before = new Date(now.getTime() - days * DAY_MS);
    for (;;) {
      const gone = await withConnection(dataSource, (sql) =>
        sql.query(`delete from ${table} where ctid = any(array(select ctid from ${table} where at < $1 limit ${STEP})) returning 1`, [before]),
      );
      if (gone.length < STEP) break;
    }
  }
  await withConnection(dataSource, (sql) => sql.query(SETTLED_ATTEMPTS, []));
};

/** Prunes every hour; answers how to stop. */
export const startPruning = (dataSource: DataSource, clock: Clock, logger: Logger): (() => Promise<void>) => {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = prune(dataSource, clock.now()).catch((error: unknown) => logger.warn({ err: error }, 'old rows could not be deleted'));
  }, HOUR_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
};
