import { SERVICES } from '@throughline/contracts/define-event';
import type { Mode } from '@throughline/testing/system';
import { Comparison, type ComparisonResult, type Rival } from './comparison/comparison.js';
import type { AdtResult } from './load-protocol.js';
import { costOf, type Cost } from './report.js';
import { type Check, Stand } from './stand.js';
import { type Trial, Trials } from './trials.js';
import { PassingRows } from './work/passing-rows.js';
import { placesOf, WorkMark } from './work/work-mark.js';
import { totalsOf, type Totals, type Work } from './work/work.js';

export interface BenchOptions {
  readonly mode: Mode;
  /** Of the hold. The other parts last as long as they need, and are shorter when this is. */
  readonly seconds: number;
  /** First rate tried, per second; else what the warm-up says. */
  readonly from?: number | undefined;
  /** Holds this rate and looks for none. */
  readonly rate?: number | undefined;
  /** What to compare with, and over how many discharges. */
  readonly rivals: Readonly<Partial<Record<Rival, number>>>;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface BenchResult {
  readonly mode: Mode;
  readonly readySeconds: number;
  readonly idleMemoryMb: number;
  /** By process. */
  readonly idleMemory: Readonly<Record<string, number>>;
  readonly adt: AdtResult;
  readonly trials: readonly Trial[];
  readonly hold: Trial;
  readonly half: Trial;
  readonly cost: Cost;
  /** Per discharge; null where there is no Kafka. */
  readonly totals: Totals | null;
  readonly comparisons: Readonly<Partial<Record<Rival, ComparisonResult | { readonly failed: string }>>>;
  readonly check: Check;
}

export interface ShortResult {
  readonly readySeconds: number;
  readonly idleMemoryMb: number;
  readonly hold: Trial;
  readonly check: Check;
}

const WARM_UP_SECONDS = 10;
const ADT_SECONDS = 15;
const HALF_SECONDS = 60;
const STEP_SECONDS = 15;
const SEARCH_SECONDS = 150;
const SHORT_SEARCH_SECONDS = 60;
/** Of the rivals, before they are measured. */
const RIVAL_WARM_UP = 0.1;
/** A rate that was too much for the whole time is followed by a lower one. */
const LOWER = 0.8;
/** A third of what a short step bore: below that something else is wrong. A hold that falls behind is cut short. */
const MOST_HOLDS = 6;

/** All figures of a fresh system, and of what it is compared with. */
export const benchRun = (options: BenchOptions): Promise<BenchResult> =>
  Stand.with(options, async (stand) => {
    const { seconds, signal } = options;
    const atMost = (limit: number, share = 1): number => Math.max(2, Math.round(Math.min(limit, seconds * share)));
    const trials = new Trials(stand);
    const bears = await trials.warmUp(atMost(WARM_UP_SECONDS));
    const adt = await trials.adt(atMost(3, 1 / 4), atMost(ADT_SECONDS));
    const rate = options.rate ?? (await trials.search({ bears, from: options.from, stepSeconds: atMost(STEP_SECONDS), atMostSeconds: SEARCH_SECONDS }));
    signal.throwIfAborted();
    const { hold, cost, work } = await holdAndCount(stand, trials, rate, options);
    const half = await trials.run(hold.rate / 2, atMost(HALF_SECONDS), 'half of it', atMost(HALF_SECONDS) / 6);
    const check = await stand.check();
    const idleMemory = Object.fromEntries([...stand.idleMemory].map(([name, mb]) => [name, Math.round(mb)]));
    return {
      mode: options.mode, readySeconds: stand.readySeconds, idleMemoryMb: stand.idleMemoryMb, idleMemory, adt, trials: trials.all, hold, half, cost, check,
      totals: work ? totalsOf(work) : null, comparisons: work ? await compare(stand, work, options) : {},
    };
  });

/** The rate of another mode: found and held in short. */
export const shortRun = (options: Omit<BenchOptions, 'rivals'>): Promise<ShortResult> =>
  Stand.with(options, async (stand) => {
    const trials = new Trials(stand);
    const bears = await trials.warmUp(Math.min(WARM_UP_SECONDS, options.seconds));
    const stepSeconds = Math.min(STEP_SECONDS, options.seconds);
    const rate = options.rate ?? (await trials.search({ bears, stepSeconds, atMostSeconds: SHORT_SEARCH_SECONDS }));
    const hold = await holdOf(trials, rate, options);
    return { readySeconds: stand.readySeconds, idleMemoryMb: stand.idleMemoryMb, hold, check: await stand.check() };
  });

/** Holds the rate; when that is too much for so long, a lower one. `before` is run ahead of each. */
const holdOf = async (trials: Trials, found: number, { seconds, rate }: Pick<BenchOptions, 'seconds' | 'rate'>, before: () => Promise<void> = () => Promise.resolve()): Promise<Trial> => {
  if (found === 0) throw new Error('No rate was sustained');
  for (let [tries, wanted] = [1, found]; ; tries += 1, wanted *= LOWER) {
    await before();
    const hold = await trials.run(wanted, seconds, 'hold');
    if (hold.sustained || rate !== undefined || tries === MOST_HOLDS) return hold;
  }
};

const holdAndCount = async (stand: Stand, trials: Trials, rate: number, options: BenchOptions): Promise<{ hold: Trial; cost: Cost; work: Work | undefined }> => {
  const { gauges } = stand;
  const { databaseUrl } = gauges.instance;
  const { signal } = options;
  let before = await gauges.read();
  let mark: WorkMark | undefined;
  let passing: PassingRows | undefined;
  const hold = await holdOf(trials, rate, options, async () => {
    await passing?.stop();
    before = await stand.unless(gauges.settled(signal));
    mark = gauges.bus && (await WorkMark.set(databaseUrl, gauges.bus, placesOf('')));
    passing = gauges.bus && new PassingRows(databaseUrl);
  });
  const after = await stand.unless(gauges.read());
  const seen = await passing?.stop();
  const { commits, rowsWritten, tableRows } = await stand.unless(gauges.settled(signal));
  const { offered } = hold.offer;
  return { hold, cost: costOf(before, { ...after, commits, rowsWritten, tableRows }, offered), work: await mark?.work(offered, seen) };
};

/** The product's processes are stopped for it, so that the rivals have the machine and the servers to themselves, as it had. */
const compare = async (stand: Stand, work: Work, { rivals, signal, say }: BenchOptions): Promise<BenchResult['comparisons']> => {
  const wanted = (Object.entries(rivals) as [Rival, number][]).filter(([, discharges]) => discharges > 0);
  const results: Partial<Record<Rival, ComparisonResult | { failed: string }>> = {};
  if (wanted.length === 0) return results;
  say('Comparing with other ways to write the same; the services are stopped for it, the servers stay ...');
  const { databaseUrl, kafkaBrokers, parts } = stand.gauges.instance;
  const servers = parts.filter(({ name }) => name === 'postgres' || name === 'kafka');
  await stand.unless(stand.stopParts(['front', ...SERVICES, 'issuer']));
  for (const [rival, discharges] of wanted) {
    const warmUp = Math.max(20, Math.round(discharges * RIVAL_WARM_UP));
    const result = await Comparison.run({ rival, work, databaseUrl, brokers: kafkaBrokers!, servers, warmUp, discharges, signal, say }).catch((error: unknown) => {
      signal.throwIfAborted();
      return { failed: error instanceof Error ? error.message : String(error) };
    });
    results[rival] = result;
    if ('failed' in result) say(`  ${rival}: failed: ${result.failed}`);
    else say(`  ${rival}: ${result.perSecond.toFixed(1)}/s${result.differences.length > 0 ? `, but NOT the same work: ${result.differences.join('; ')}` : ''}`);
  }
  return results;
};
