import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import { freePort, System, throughline, type Mode } from '@throughline/testing/system';
import { findRate, grew, type Backlog } from './find-rate.js';
import { Gauges } from './gauges.js';
import type { AdtResult, DrainResult, OfferResult } from './load-protocol.js';
import { LoadProcess } from './load-process.js';
import { costOf, type Cost } from './report.js';

export interface BenchOptions {
  readonly mode: Mode;
  /** Of the hold; everything else is a share of it. */
  readonly seconds: number;
  /** First rate tried, per second. */
  readonly from: number;
  /** Holds this rate and looks for none. */
  readonly rate?: number | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

interface Trial {
  readonly rate: number;
  readonly sustained: boolean;
  readonly done: number;
  readonly seconds: number;
  readonly waitingAtEnd: number;
  readonly drainSeconds: number;
  readonly offer: OfferResult;
  readonly drain: DrainResult;
}

export interface BenchResult {
  readonly adt: AdtResult;
  readonly trials: readonly Trial[];
  readonly hold: Trial;
  readonly half: Trial;
  readonly cost: Cost;
  readonly check: { readonly settled: boolean; readonly accepted: number; readonly discharges: number; readonly episodes: number; readonly lost: number; readonly doubled: number; readonly parked: number };
}

type Quiet = Readonly<Record<'outbox' | 'jobsAsked' | 'lag' | 'backlog', number>>;

const ADT_CONNECTIONS = 16;
/** Records on topics and rows in logs that one discharge brings, over all who read them; only a scale for "much". */
const MESSAGES_PER_DISCHARGE = 20;
const DRAIN_SECONDS = 60;
/** When the search for a rate has to leave off, so that the whole stays within six minutes. */
const SEARCH_SECONDS = 150;

const pause = (seconds: number, signal: AbortSignal): Promise<void> => delay(seconds * 1_000, undefined, { signal });

export class BenchRun {
  readonly #trials: Trial[] = [];

  private constructor(
    private readonly options: BenchOptions,
    private readonly system: System,
    private readonly load: LoadProcess,
    private readonly gauges: Gauges,
    private readonly journal: string,
  ) {}

  /** Starts a fresh system, measures, and stops what it started, whatever happens. */
  static async whole(options: BenchOptions): Promise<BenchResult> {
    const home = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
    // PostgreSQL runs as an account of its own when root runs this, and has to get in.
    chmodSync(home, 0o711);
    let system: System | undefined;
    let load: LoadProcess | undefined;
    let gauges: Gauges | undefined;
    try {
      options.say(`Starting a fresh system (${options.mode}) ...`);
      system = await System.start(options.mode, { home, port: await freePort(), mllpPort: await freePort(), signal: options.signal });
      options.signal.throwIfAborted();
      load = new LoadProcess();
      gauges = new Gauges(system, [{ name: 'load generator', pid: load.pid }, { name: 'bench', pid: process.pid }]);
      return await new BenchRun(options, system, load, gauges, join(home, 'journal')).#measure();
    } finally {
      load?.stop();
      await gauges?.close();
      options.say('Stopping the system ...');
      await system?.stop();
      rmSync(home, { recursive: true, force: true });
    }
  }

  async #measure(): Promise<BenchResult> {
    const { seconds, say, signal } = this.options;
    const share = (of: number): number => Math.max(2, Math.round(seconds * of));
    const settings = {
      url: this.system.url, mllpPort: this.system.mllpPort, journal: this.journal, seed: Math.floor(Date.now() / 1_000) % 100_000,
      senderToken: await this.system.token('sender'), subscriberToken: await this.system.token('subscriber'),
    };
    await this.#ask({ do: 'begin', settings });
    say('Warming up ...');
    await this.#trial(Math.min(10, this.options.rate ?? 10), share(1 / 6), 'warm-up');
    const adt = await this.#adt(share(1 / 20), share(1 / 6));
    const rate = this.options.rate ?? (await this.#search(share(1 / 3)));
    signal.throwIfAborted();
    const { hold, cost } = await this.#hold(rate, seconds);
    const half = await this.#trial(hold.rate / 2, share(1 / 2), 'half of it', share(1 / 12));
    await this.#ask({ do: 'end' });
    return { adt, trials: this.#trials, hold, half, cost, check: await this.#check() };
  }

  async #adt(warmSeconds: number, seconds: number): Promise<AdtResult> {
    const { say } = this.options;
    say(`ADT messages over ${ADT_CONNECTIONS} MLLP connections, each waiting for its answer, ${seconds} s ...`);
    const adt = await this.#ask({ do: 'adt', connections: ADT_CONNECTIONS, warmSeconds, seconds });
    say(`  ${adt.perSecond.toFixed(0)}/s, answered within ${adt.ack.p50.toFixed(1)} ms (p50), ${adt.ack.p99.toFixed(1)} ms (p99), ${adt.failed} not accepted`);
    await this.#quiet();
    return adt;
  }

  #search(seconds: number): Promise<number> {
    this.options.say(`Looking for the rate that is sustained, ${seconds} s each ...`);
    const end = performance.now() + SEARCH_SECONDS * 1_000;
    return findRate(this.options.from, async (rate) => (await this.#trial(rate, seconds, 'step')).sustained, () => performance.now() < end - seconds * 1_000);
  }

  /** Holds the rate; when that is too much for so long, a lower one. */
  async #hold(found: number, seconds: number): Promise<{ hold: Trial; cost: Cost }> {
    if (found === 0) throw new Error('No rate was sustained');
    let rate = found;
    for (let tries = 1; ; tries += 1) {
      const before = await this.#unless(this.gauges.read());
      const hold = await this.#trial(rate, seconds, 'hold');
      const cost = costOf(before, await this.#unless(this.gauges.read()), hold.offer.offered);
      if (hold.sustained || this.options.rate !== undefined || tries === 3) return { hold, cost };
      rate *= 0.85;
    }
  }

  /** Offers discharges at a rate, watches what piles up, then waits until all is done. */
  async #trial(rate: number, seconds: number, what: string, skipSeconds = 0): Promise<Trial> {
    const { say } = this.options;
    const samples: Backlog[] = [];
    const before = this.load.progress.done;
    const begun = performance.now();
    let over = false;
    const offering = this.#ask({ do: 'offer', rate, seconds, skipSeconds }).finally(() => (over = true));
    const watching = this.#watch(samples, () => over);
    const offer = await offering;
    const took = (performance.now() - begun) / 1_000;
    await watching;
    const last = samples.at(-1) ?? { waiting: 0, unfinished: 0 };
    const done = this.load.progress.done - before;
    const drain = await this.#ask({ do: 'drain', seconds: DRAIN_SECONDS });
    const drainSeconds = await this.#quiet();
    const sustained = took < seconds * 1.1 + 1 && offer.failed === 0 && drain.waiting === 0 && !grew(samples, rate, MESSAGES_PER_DISCHARGE);
    const trial = { rate, sustained, done, seconds: took, waitingAtEnd: last.waiting, drainSeconds, offer, drain };
    this.#trials.push(trial);
    say(
      `  ${what}: ${rate.toFixed(1)}/s for ${took.toFixed(0)} s: ${sustained ? 'sustained' : 'NOT sustained'}, ${last.waiting} waiting and ${last.unfinished} messages unfinished at its end, ` +
        `quiet after ${drainSeconds.toFixed(1)} s; to the tasks p50 ${drain.toTasks.p50.toFixed(0)} ms, p99 ${drain.toTasks.p99.toFixed(0)} ms; ` +
        `answers p99: MLLP ${offer.ack.p99.toFixed(0)} ms, REST ${offer.rest.p99.toFixed(0)} ms${offer.failed + drain.waiting > 0 ? `; ${offer.failed} not accepted, ${drain.waiting} without their tasks` : ''}`,
    );
    return trial;
  }

  async #watch(samples: Backlog[], over: () => boolean): Promise<void> {
    while (!over()) {
      const unfinished = await this.#unfinished();
      const { offered, done } = this.load.progress;
      if (!over()) samples.push({ waiting: offered - done, unfinished });
      await pause(1, this.options.signal);
    }
  }

  async #unfinished(): Promise<number> {
    const each = await Promise.all(SERVICES.map((service) => this.#unless(this.system.get<Quiet>(`/api/${service}/ledger/quiet`, 'operator'))));
    return each.reduce((sum, { outbox, jobsAsked, lag, backlog }) => sum + outbox + jobsAsked + lag + backlog, 0);
  }

  /** Waits until nothing is unfinished; answers how long that took, in seconds. */
  async #quiet(): Promise<number> {
    const begun = performance.now();
    while ((await this.#unfinished()) > 0 && performance.now() - begun < DRAIN_SECONDS * 1_000) await pause(0.2, this.options.signal);
    return (performance.now() - begun) / 1_000;
  }

  async #check(): Promise<BenchResult['check']> {
    this.options.say('Checking what was accepted against what became of it ...');
    const run = await throughline(['check', '--home', this.system.home, '--settle', '60', '--journal', this.journal, '--json']);
    if (!run.last.startsWith('{')) throw new Error(`throughline check said: ${run.output}`);
    return JSON.parse(run.last) as BenchResult['check'];
  }

  #ask: LoadProcess['ask'] = (order) => this.#unless(this.load.ask(order));

  /** Fails at once when the run is given up, whatever it waits for. */
  async #unless<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.options;
    let give: (() => void) | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      give = () => reject(signal.reason as Error);
      signal.addEventListener('abort', give);
    });
    work.catch(() => undefined);
    try {
      signal.throwIfAborted();
      return await Promise.race([work, givenUp]);
    } finally {
      if (give) signal.removeEventListener('abort', give);
    }
  }
}
