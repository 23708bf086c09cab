import type { Clock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import { isTransient } from '../persistence/transient.js';
import type { Sql } from '../persistence/sql.js';
import type { JobRequest } from '../persistence/unit.js';
import type { Metrics } from '../telemetry/metrics.js';
import { attempt } from './attempt.js';
import { parkedRows } from './job-parking.js';
import { ARM_AHEAD_MS, tryLock } from './job-relay.js';
import type { InTransaction } from './job-relay.js';
import { jobId } from './jobs.js';
import type { Alarms, JobTable } from './jobs.js';
import { SweepTries } from './sweep-tries.js';
import { WakefulLoop } from './wakeful-loop.js';

export interface SweepOptions {
  readonly service: string;
  readonly table: JobTable<never>;
  readonly inTransaction: InTransaction;
  readonly alarms: Alarms;
  readonly wake: (job: JobRequest) => Promise<void>;
  readonly exhausted: (job: JobRequest, error: Error) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly everyMs?: number;
  /** How long after its due time a row is the alarm's; later than that nobody woke it, and the sweep does. */
  readonly graceMs?: number;
}

export interface SweepReport {
  readonly armed: number;
  /** Due rows that no alarm had woken and this sweep did. */
  readonly repaired: number;
}

const LIMIT = 1_000;
const NOTHING: SweepReport = { armed: 0, repaired: 0 };

/**
 * Compares the rows with the alarm clock, at start and every 30 s: what falls due within 24 h is armed, what is due and was
 * not woken is run here and now. It is an in-process timer under an advisory lock and not a job of the queue, which a flush
 * would take along. So a flushed or absent Redis means late by one sweep, never lost.
 */
export class Sweep {
  readonly #loop: WakefulLoop;
  readonly #tries: SweepTries;
  #stopping = false;

  constructor(private readonly options: SweepOptions) {
    this.#tries = new SweepTries(options.inTransaction);
    // From 0 on: an alert on a rise does not see the step with which a series begins.
    for (const job of Object.keys(options.table)) options.metrics.sweepRepairs.inc({ job }, 0);
    const everyMs = options.everyMs ?? 30_000;
    this.#loop = new WakefulLoop({
      round: async () => {
        await this.run();
        options.metrics.sweepLastSuccess.set(options.clock.now().getTime() / 1_000);
        return false;
      },
      pollMs: everyMs,
      longestBackoffMs: everyMs,
      onChange: (error) => (error === null ? options.logger.info('sweep works again') : options.logger.error({ err: error }, 'sweep failed')),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the job in hand. The rest stays due: the next sweep runs it, another copy's perhaps. */
  stop(): Promise<void> {
    this.#stopping = true;
    return this.#loop.stop();
  }

  /** One sweep. Answers nothing done when another copy of the service is at it. */
  run(): Promise<SweepReport> {
    const { service, inTransaction, clock, logger } = this.options;
    return inTransaction(async (sql) => {
      if (!(await tryLock(sql, service, 'sweep'))) return NOTHING;
      const now = clock.now();
      const due = await this.#due(sql, new Date(now.getTime() + ARM_AHEAD_MS));
      const armed = await this.#arm(due);
      const overdue = due.filter((job) => job.dueAt.getTime() <= now.getTime() - (this.options.graceMs ?? 15_000));
      const repaired = await this.#repair(sql, overdue);
      if (repaired > 0) logger.info({ armed, repaired }, 'sweep repaired');
      return { armed, repaired };
    });
  }

  async #due(sql: Sql, until: Date): Promise<JobRequest[]> {
    const jobs: JobRequest[] = [];
    for (const [name, definition] of Object.entries(this.options.table)) {
      const parked = await parkedRows(sql, name);
      // Parked rows stay due and come first; the limit must not be used up by them.
      const rows = await definition.due(sql, until, LIMIT + parked.size);
      for (const row of rows) if (!parked.has(row.rowId)) jobs.push({ ...row, name });
    }
    return jobs;
  }

  async #arm(jobs: readonly JobRequest[]): Promise<number> {
    try {
      await this.options.alarms.arm(jobs);
      return jobs.length;
    } catch (error) {
      this.options.logger.warn({ err: error, count: jobs.length }, 'sweep could not arm; overdue rows are run all the same');
      return 0;
    }
  }

  async #repair(sql: Sql, overdue: readonly JobRequest[]): Promise<number> {
    let repaired = 0;
    for (const job of overdue) {
      if (this.#stopping) break;
      if (await this.#wake(job)) {
        repaired += 1;
        this.options.metrics.sweepRepairs.inc({ job: job.name });
      }
      // Keeps the lock's transaction from being cut off as idle.
      await sql.query('select 1');
    }
    await this.#tries.keepOnly(sql, overdue.map(jobId));
    return repaired;
  }

  /** True when the job was done here; a failure is the job's own and holds up no other. */
  async #wake(job: JobRequest): Promise<boolean> {
    const { table, wake, exhausted } = this.options;
    const id = jobId(job);
    const { failures, deaths } = await this.#tries.begin(id);
    let parked = false;
    const park = (parking: JobRequest, error: Error): Promise<void> => {
      parked = true;
      return exhausted(parking, error);
    };
    try {
      await attempt(job, failures, deaths, { table, wake, exhausted: park });
    } catch (error) {
      await this.#tries.ended(id, isTransient(error) ? 'excused' : 'failed');
      return false;
    }
    await this.#tries.ended(id, 'done');
    return !parked;
  }
}
