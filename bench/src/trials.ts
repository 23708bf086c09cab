import { type Backlog, findRate, grew, hopeless } from './find-rate.js';
import type { AdtResult, DrainResult, OfferResult } from './load-protocol.js';
import type { Stand } from './stand.js';

/** A rate offered for some time, whatever the system did. */
export interface Trial {
  readonly rate: number;
  readonly sustained: boolean;
  readonly done: number;
  readonly seconds: number;
  readonly waitingAtEnd: number;
  readonly drainSeconds: number;
  readonly offer: OfferResult;
  readonly drain: DrainResult;
}

const ADT_CONNECTIONS = 16;
/** Records on topics and rows in logs that one discharge brings, over all who read them; only a scale for "much". */
const MESSAGES_PER_DISCHARGE = 20;
const DRAIN_SECONDS = 60;
/** Enough to keep every service busy. */
const UNDER_WAY = 150;
/** Of what it does when it always has enough to do. */
const FIRST_STEP = 0.8;

/** Offers load to one system and judges how it bears it. */
export class Trials {
  readonly all: Trial[] = [];

  constructor(private readonly stand: Stand) {}

  get #say(): (line: string) => void {
    return this.stand.options.say;
  }

  /** Warms up with as much as it bears, and says how much that is, per second: a system just started is not what it will be. */
  async warmUp(seconds: number): Promise<number> {
    this.#say(`Warming up, ${seconds} s with ${UNDER_WAY} discharges under way ...`);
    const { perSecond, failed } = await this.stand.ask({ do: 'push', until: 'done', inFlight: UNDER_WAY, seconds });
    await this.stand.ask({ do: 'drain', seconds: DRAIN_SECONDS });
    await this.stand.quiet(DRAIN_SECONDS);
    this.#say(`  ${perSecond.toFixed(1)}/s in its second half, ${failed} not accepted`);
    return perSecond;
  }

  async adt(warmSeconds: number, seconds: number): Promise<AdtResult> {
    this.#say(`ADT messages over ${ADT_CONNECTIONS} MLLP connections, each waiting for its answer, ${seconds} s ...`);
    const adt = await this.stand.ask({ do: 'adt', connections: ADT_CONNECTIONS, warmSeconds, seconds });
    this.#say(`  ${adt.perSecond.toFixed(0)}/s, answered within ${adt.ack.p50.toFixed(1)} ms (p50), ${adt.ack.p99.toFixed(1)} ms (p99), ${adt.failed} not accepted`);
    await this.stand.quiet(DRAIN_SECONDS);
    return adt;
  }

  /** @param bears what the warm-up said */
  search(options: { readonly bears: number; readonly from?: number | undefined; readonly stepSeconds: number; readonly atMostSeconds: number }): Promise<number> {
    const { stepSeconds, atMostSeconds } = options;
    this.#say(`Looking for the rate that is sustained, steps of ${stepSeconds} s, ${atMostSeconds} s at most ...`);
    const end = performance.now() + (atMostSeconds - stepSeconds) * 1_000;
    const from = options.from ?? Math.max(2, options.bears * FIRST_STEP);
    return findRate(from, async (rate) => (await this.run(rate, stepSeconds, 'step')).sustained, () => performance.now() < end);
  }

  async run(rate: number, seconds: number, what: string, skipSeconds = 0): Promise<Trial> {
    const samples: Backlog[] = [];
    const before = this.stand.load.progress.done;
    const begun = performance.now();
    let over = false;
    const offering = this.stand.ask({ do: 'offer', rate, seconds, skipSeconds }).finally(() => (over = true));
    const watching = this.#watch(samples, rate, () => over);
    const offer = await offering;
    const took = (performance.now() - begun) / 1_000;
    const cut = await watching;
    const last = samples.at(-1) ?? { waiting: 0, unfinished: 0 };
    const done = this.stand.load.progress.done - before;
    const drain = await this.stand.ask({ do: 'drain', seconds: DRAIN_SECONDS });
    const drainSeconds = await this.stand.quiet(DRAIN_SECONDS);
    const sustained = !cut && took < seconds * 1.1 + 1 && offer.failed === 0 && drain.waiting === 0 && !grew(samples, rate, MESSAGES_PER_DISCHARGE);
    const trial = { rate, sustained, done, seconds: took, waitingAtEnd: last.waiting, drainSeconds, offer, drain };
    this.all.push(trial);
    this.#say(
      `  ${what}: ${rate.toFixed(1)}/s for ${took.toFixed(0)} s: ${sustained ? 'sustained' : 'NOT sustained'}${cut ? ' (cut short: it fell behind)' : ''}, ${last.waiting} waiting and ${last.unfinished} messages unfinished at its end, ` +
        `quiet after ${drainSeconds.toFixed(1)} s; to the tasks p50 ${drain.toTasks.p50.toFixed(0)} ms, p99 ${drain.toTasks.p99.toFixed(0)} ms; ` +
        `answers p99: MLLP ${offer.ack.p99.toFixed(0)} ms, REST ${offer.rest.p99.toFixed(0)} ms${offer.failed + drain.waiting > 0 ? `; ${offer.failed} not accepted, ${drain.waiting} without their tasks` : ''}`,
    );
    return trial;
  }

  /** True when it was cut short. */
  async #watch(samples: Backlog[], rate: number, over: () => boolean): Promise<boolean> {
    let cut = false;
    while (!over()) {
      const now = await this.stand.backlog();
      if (!over()) samples.push(now);
      if (!cut && hopeless(now, rate)) {
        cut = true;
        this.stand.load.cut();
      }
      await this.stand.pause(1);
    }
    return cut;
  }
}
