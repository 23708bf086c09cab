import type { Clock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import type { Sql } from '../persistence/sql.js';
import type { Bell } from '../runner/bell.js';
import type { Alarms } from './jobs.js';
import { WakefulLoop } from './wakeful-loop.js';

/** Runs work between begin and commit on a connection of the service's own schema. */
export type InTransaction = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;

export interface JobRelayOptions {
  readonly service: string;
  readonly inTransaction: InTransaction;
  readonly alarms: Alarms;
  readonly bell: Bell;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollMs?: number;
}

interface AskedRow {
  readonly id: number | string;
  readonly name: string;
  readonly row_id: string;
  readonly patient_id: string;
  readonly due_at: Date;
}

const BATCH = 500;
export const ARM_AHEAD_MS = 24 * 3_600_000;

/** True in one transaction at a time, over all copies of the service. */
export const tryLock = async (sql: Sql, service: string, what: string): Promise<boolean> => {
  const [row] = await sql.query<{ held: boolean }>('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as held', [`throughline:${service}:${what}`]);
  return row?.held === true;
};

/**
 * Takes what transactions asked for (`job_request`) to the alarm clock. Rows are deleted in the transaction that read them
 * and after they are armed: a crash in between arms them again, which is the same job. While the clock's store is away the
 * rows stay. What is due later than 24 h from now is not armed but left to the sweep, so the store holds a day's worth.
 */
export class JobRelay {
  readonly #loop: WakefulLoop;
  #unlisten: (() => void) | undefined;

  constructor(private readonly options: JobRelayOptions) {
    this.#loop = new WakefulLoop({
      round: async () => (await this.round()) === BATCH,
      pollMs: options.pollMs ?? 250,
      onChange: (error) =>
        error === null ? options.logger.info('jobs are armed again') : options.logger.warn({ err: error }, 'jobs cannot be armed; they wait in the database'),
    });
  }

  start(): void {
    this.#unlisten ??= this.options.bell.listen(() => this.#loop.ring());
    this.#loop.start();
  }

  async stop(): Promise<void> {
    this.#unlisten?.();
    await this.#loop.stop();
  }

  /** One batch; answers how many rows it took. */
  round(): Promise<number> {
    const { service, alarms, clock } = this.options;
    return this.options.inTransaction(async (sql) => {
      if (!(await tryLock(sql, service, 'job-relay'))) return 0;
      const rows = await sql.query<AskedRow>(`select id, name, row_id, patient_id, due_at from job_request order by id limit ${BATCH}`);
      if (rows.length === 0) return 0;
      const until = clock.now().getTime() + ARM_AHEAD_MS;
      await alarms.arm(
        rows
          .filter((row) => row.due_at.getTime() <= until)
          .map((row) => ({ name: row.name, rowId: row.row_id, patientId: row.patient_id, dueAt: row.due_at })),
      );
      // By their ids, never "up to": ids are handed out before commit, and a lower one may appear later.
      await sql.query('delete from job_request where id = any($1::bigint[])', [rows.map((row) => String(row.id))]);
      return rows.length;
    });
  }
}
