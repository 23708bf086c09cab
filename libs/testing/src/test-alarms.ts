import { attempt } from '@throughline/platform/jobs/attempt';
import type { Callbacks } from '@throughline/platform/jobs/attempt';
import { backoffMs, jobId } from '@throughline/platform/jobs/jobs';
import type { Alarms } from '@throughline/platform/jobs/jobs';
import type { JobRequest } from '@throughline/platform/persistence/unit';
import type { FixedClock } from './fixed-clock.js';

interface Armed {
  readonly job: JobRequest;
  readonly order: number;
  at: number;
  failures: number;
}

/** What an adapter's store keeps while its worker is away. */
export type AlarmStore = Map<string, Armed>;

/** The alarm clock on the test's clock: `advance` wakes what is due, in order, so that weeks pass in milliseconds. */
export class TestAlarms implements Alarms {
  #to: Callbacks | undefined;
  #stopped = false;
  #order = 0;
  /** The walk through time in hand; one at a time. */
  #walk: Promise<void> = Promise.resolve();

  constructor(
    private readonly clock: FixedClock,
    private readonly store: AlarmStore = new Map(),
  ) {}

  arm(jobs: readonly JobRequest[]): Promise<void> {
    if (this.#stopped) return Promise.reject(new Error('The alarms are stopped'));
    for (const job of jobs) {
      const id = jobId(job);
      if (!this.store.has(id)) this.store.set(id, { job, at: job.dueAt.getTime(), failures: 0, order: this.#order++ });
    }
    return Promise.resolve();
  }

  start(...[table, wake, exhausted]: Parameters<Alarms['start']>): Promise<void> {
    this.#to = { table, wake, exhausted };
    return Promise.resolve();
  }

  healthy(): boolean {
    return !this.#stopped;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#walk;
  }

  /** Jobs not yet done, by due time. */
  get armed(): readonly JobRequest[] {
    return this.#inOrder().map((one) => one.job);
  }

  /**
   * Moves the clock to `to`, stopping at every due time on the way; what a wake-up arms is woken too when it falls within.
   * `settle` runs after each wake-up and at the end: the place to let events and job requests flow on.
   */
  advance(to: Date, settle: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const walk = this.#walk.then(() => this.#advance(to.getTime(), settle));
    this.#walk = walk.catch(() => undefined);
    return walk;
  }

  #inOrder(): Armed[] {
    return [...this.store.values()].sort((a, b) => a.at - b.at || a.order - b.order);
  }

  async #advance(to: number, settle: () => Promise<void>): Promise<void> {
    await settle();
    for (;;) {
      const next = this.#inOrder()[0];
      if (this.#stopped || this.#to === undefined || next === undefined || next.at > to) break;
      if (next.at > this.clock.now().getTime()) this.clock.set(new Date(next.at));
      await this.#run(next, this.#to);
      await settle();
    }
    if (to > this.clock.now().getTime()) this.clock.set(new Date(to));
    await settle();
  }

  async #run(one: Armed, to: Callbacks): Promise<void> {
    try {
      await attempt(one.job, one.failures, 0, to);
      this.store.delete(jobId(one.job));
    } catch {
      one.failures += 1;
      one.at = this.clock.now().getTime() + Math.max(1, backoffMs(to.table[one.job.name] ?? { backoffMs: 1_000 }, one.failures));
    }
  }
}
