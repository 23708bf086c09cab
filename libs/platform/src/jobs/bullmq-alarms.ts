import type { Job, JobsOptions, Processor, WorkerOptions } from 'bullmq';
import type { Logger } from 'pino';
import { LoggableError } from '../telemetry/safe-error.js';
import type { JobRequest } from '../persistence/unit.js';
import { attempt } from './attempt.js';
import type { Callbacks } from './attempt.js';
import { backoffMs, jobId } from './jobs.js';
import type { Alarms } from './jobs.js';

/** Ids and a time; never patient data: queues are not audited. */
export interface JobData {
  readonly rowId: string;
  readonly patientId: string;
  readonly dueAt: string;
}

export interface QueueSide {
  addBulk(jobs: { name: string; data: JobData; opts: JobsOptions }[]): Promise<unknown>;
  close(): Promise<void>;
}

export interface WorkerSide {
  run(): Promise<void>;
  pause(doNotWaitActive?: boolean): Promise<void>;
  close(force?: boolean): Promise<void>;
}

/** A BullMQ backend with its connections: all that differs between PostgreSQL and Redis. */
export interface QueueStore {
  /** Errors of connections are told, never thrown: BullMQ reconnects by itself. */
  readonly open: (onError: (error: Error) => void) => Promise<QueueSide>;
  readonly work: (processor: Processor<JobData>, options: Partial<WorkerOptions>, onError: (error: Error) => void) => WorkerSide;
  /** Resolves when the store answers. */
  readonly probe: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface BullmqAlarmsOptions {
  readonly logger: Logger;
  /** Jobs at once; each takes a connection of the service's pool while it runs. */
  readonly concurrency?: number;
  /** A job whose worker died runs again after about this long (the sweep is often sooner). */
  readonly lockMs?: number;
}

/** Below the 10 s after which an idle transaction is cut off: arming happens inside one. */
const ARM_LIMIT_MS = 4_000;
const STOP_LIMIT_MS = 15_000;
const PROBE_EVERY_MS = 5_000;
const CHUNK = 500;
/** The table's attempts decide, and they may change with a release; BullMQ's own count must never end a job. */
const NEVER_BY_BULLMQ = 1_000_000;

/** Resolves true when `work` ended in time. Late work goes on unseen. */
const within = async (ms: number, work: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const requestOf = (job: Job<JobData>): JobRequest => ({
  name: job.name,
  rowId: job.data.rowId,
  patientId: job.data.patientId,
  dueAt: new Date(job.data.dueAt),
});

/** The alarm clock on BullMQ. It may forget everything (a flushed Redis): the rows are the truth and the sweep arms again. */
export class BullmqAlarms implements Alarms {
  #queue: QueueSide | undefined;
  #opening: Promise<QueueSide> | undefined;
  #worker: WorkerSide | undefined;
  #running: Promise<void> | undefined;
  #probe: NodeJS.Timeout | undefined;
  #arming: Promise<unknown> | undefined;
  #answers = false;
  #stopping = false;
  readonly #inHand = new Set<Promise<void>>();

  constructor(
    private readonly store: QueueStore,
    private readonly options: BullmqAlarmsOptions,
  ) {}

  async arm(jobs: readonly JobRequest[]): Promise<void> {
    if (jobs.length === 0) return;
    if (this.#stopping) throw new LoggableError('The job queue is stopped');
    // While the store is away BullMQ holds calls back; without this they would pile up.
    if (this.#arming !== undefined && !(await within(ARM_LIMIT_MS, this.#arming))) {
      throw new LoggableError('The job queue has not answered the last call yet');
    }
    const now = Date.now();
    const adding = this.#add(jobs, now).finally(() => {
      if (this.#arming === adding) this.#arming = undefined;
    });
    this.#arming = adding;
    try {
      if (!(await within(ARM_LIMIT_MS, adding))) throw new LoggableError(`The job queue did not answer within ${ARM_LIMIT_MS / 1000} s`);
      this.#answers = true;
    } catch (error) {
      this.#answers = false;
      throw error;
    }
  }

  async start(...[table, wake, exhausted]: Parameters<Alarms['start']>): Promise<void> {
    const to: Callbacks = { table, wake, exhausted };
    // A schema that is missing rejects and stops the start; a store that is away does not: the service runs on its sweep.
    await this.#open();
    this.#answers = await within(ARM_LIMIT_MS, this.store.probe()).catch(() => false);
    this.#worker = this.store.work(
      (job) => {
        const work = this.#process(job, to).finally(() => this.#inHand.delete(work));
        this.#inHand.add(work);
        return work;
      },
      {
        autorun: false,
        concurrency: this.options.concurrency ?? 2,
        lockDuration: this.options.lockMs ?? 30_000,
        stalledInterval: this.options.lockMs ?? 30_000,
        maxStalledCount: NEVER_BY_BULLMQ,
        runRetryDelay: 1_000,
        settings: {
          backoffStrategy: (failures, _type, _error, job) => {
            const definition = job === undefined ? undefined : table[job.name];
            return backoffMs(definition ?? { backoffMs: 1_000 }, failures);
          },
        },
      },
      this.#onError,
    );
    this.#running = this.#keepRunning(this.#worker);
    this.#probe = setInterval(() => void this.#look(), PROBE_EVERY_MS);
    this.#probe.unref();
  }

  healthy(): boolean {
    return this.#answers && !this.#stopping;
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#probe);
    if (this.#worker !== undefined) await this.#stopWorker(this.#worker);
    if (this.#queue !== undefined) await within(2_000, this.#queue.close()).catch(() => false);
    await within(2_000, this.store.close()).catch(() => false);
    if (this.#running !== undefined) await within(2_000, this.#running);
  }

  async #stopWorker(worker: WorkerSide): Promise<void> {
    // Asked anew: a graceful close waits for a store that is away, and its return may be hours off.
    if (await within(1_000, this.store.probe()).catch(() => false)) {
      if (await within(STOP_LIMIT_MS, worker.close()).catch(() => true)) return;
    }
    await within(1_000, worker.pause(true)).catch(() => false);
    await within(STOP_LIMIT_MS, Promise.allSettled(this.#inHand));
    await within(1_000, worker.close(true)).catch(() => false);
  }

  #open(): Promise<QueueSide> {
    this.#opening ??= this.store.open(this.#onError).then(
      (queue) => (this.#queue = queue),
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  async #add(jobs: readonly JobRequest[], now: number): Promise<void> {
    const queue = await this.#open();
    for (let from = 0; from < jobs.length; from += CHUNK) {
      await queue.addBulk(
        jobs.slice(from, from + CHUNK).map((job) => ({
          name: job.name,
          data: { rowId: job.rowId, patientId: job.patientId, dueAt: job.dueAt.toISOString() },
          opts: {
            jobId: jobId(job),
            timestamp: now,
            delay: Math.max(0, job.dueAt.getTime() - now),
            attempts: NEVER_BY_BULLMQ,
            backoff: { type: 'custom' },
            // History is the service's own rows; kept jobs deadlock the PostgreSQL backend, and a kept id never runs again.
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      );
    }
  }

  async #process(job: Job<JobData>, to: Callbacks): Promise<void> {
    this.#answers = true;
    const request = requestOf(job);
    // Timers may fire a moment early; a use-case that finds nothing due would leave the rest to the sweep.
    const early = request.dueAt.getTime() - Date.now();
    if (early > 0) await pause(Math.min(early, 1_000));
    await attempt(request, job.attemptsMade, Math.max(0, job.attemptsStarted - 1 - job.attemptsMade), to);
  }

  /** BullMQ gives up for good when the store is away at the moment of starting. */
  async #keepRunning(worker: WorkerSide): Promise<void> {
    while (!this.#stopping) {
      await worker.run().catch(this.#onError);
      if (!this.#stopping) await pause(1_000);
    }
  }

  async #look(): Promise<void> {
    const before = this.#answers;
    this.#answers = await within(PROBE_EVERY_MS - 1_000, this.store.probe()).catch(() => false);
    if (before !== this.#answers && !this.#stopping) {
      this.options.logger[this.#answers ? 'info' : 'warn']({ ok: this.#answers }, this.#answers ? 'job queue answers again' : 'job queue is away');
    }
  }

  readonly #onError = (error: Error): void => {
    if (this.#stopping) return;
    if (this.#answers) this.options.logger.warn({ err: error }, 'job queue error');
    this.#answers = false;
  };
}
