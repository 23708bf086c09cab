import { costOf, type Cost } from '../report.js';
import { Stand } from '../stand.js';
import { type Trial, Trials } from '../trials.js';
import { PassingRows } from '../work/passing-rows.js';
import { placesOf, WorkMark } from '../work/work-mark.js';
import type { Work } from '../work/work.js';
import { Fill } from './fill.js';

export interface GrowthOptions {
  /** How many are on file, in ascending order. */
  readonly patients: readonly number[];
  readonly rate: number;
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface GrowthLevel {
  readonly patients: number;
  readonly databaseMb: number;
  readonly cpuMsPerDischarge: number;
  readonly postgresMsPerDischarge: number;
  readonly statementsPerDischarge: number;
  readonly otherCores: number;
  /** CPU time, to the first level's. */
  readonly ratio: number;
  readonly trial: Trial;
}

const WARM_UP_SECONDS = 10;
const SAMPLE_SECONDS = 10;
const OURS = new Set(['load generator', 'bench']);

/** What one discharge costs with few and with many patients on file: the same rate each time, on the same system. */
export const growthRun = (options: GrowthOptions): Promise<readonly GrowthLevel[]> =>
  Stand.with({ ...options, mode: 'distributed' }, async (stand) => {
    const { rate, seconds, signal, say } = options;
    const trials = new Trials(stand);
    await trials.warmUp(WARM_UP_SECONDS);
    const fill = await Fill.begin(stand.gauges.instance.databaseUrl, await workAt(stand, trials, rate, signal), say);
    const levels: GrowthLevel[] = [];
    try {
      for (const patients of options.patients) {
        say(`Putting ${patients} patients on file ...`);
        await stand.unless(fill.upTo(patients));
        // The first level is not to look dear because it came when everything was still new.
        await trials.run(rate, levels.length === 0 ? seconds : Math.min(seconds, WARM_UP_SECONDS), 'unmeasured');
        const before = await stand.unless(stand.gauges.read());
        const trial = await trials.run(rate, seconds, `with ${patients}`);
        const after = await stand.unless(stand.gauges.read());
        const cost = costOf(before, after, trial.offer.offered);
        const cpuMsPerDischarge = cpuOf(cost);
        levels.push({
          patients, trial, cpuMsPerDischarge, ratio: hundredths(cpuMsPerDischarge / (levels[0]?.cpuMsPerDischarge ?? cpuMsPerDischarge)), databaseMb: after.databaseBytes / 2 ** 20,
          postgresMsPerDischarge: cost.processes.find(({ name }) => name === 'postgres')?.cpuMsPerDischarge ?? NaN,
          statementsPerDischarge: cost.perDischarge.statements, otherCores: cost.otherCores,
        });
      }
    } finally {
      await fill.end();
    }
    await stand.ask({ do: 'end' });
    return levels;
  });

/** Of all but the load and this. */
const cpuOf = ({ processes }: Cost): number => hundredths(processes.filter(({ name }) => !OURS.has(name)).reduce((sum, { cpuMsPerDischarge }) => sum + cpuMsPerDischarge, 0));
const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** What a discharge leaves behind. */
const workAt = async (stand: Stand, trials: Trials, rate: number, signal: AbortSignal): Promise<Work> => {
  const { bus, instance } = stand.gauges;
  await stand.unless(stand.gauges.settled(signal));
  const mark = await WorkMark.set(instance.databaseUrl, bus!, placesOf(''));
  const passing = new PassingRows(instance.databaseUrl);
  const { offer } = await trials.run(rate, SAMPLE_SECONDS, 'sample');
  const seen = await passing.stop();
  await stand.unless(stand.gauges.settled(signal));
  return mark.work(offer.offered, seen);
};

export const growthLines = (levels: readonly GrowthLevel[]): readonly string[] => [
  '',
  '| patients on file | database MB | CPU ms per discharge | of these PostgreSQL | to the first | statements per discharge | to the tasks p50 / p99 ms | others used cores |',
  '|---|---|---|---|---|---|---|---|',
  ...levels.map(
    ({ patients, databaseMb, cpuMsPerDischarge, postgresMsPerDischarge, ratio, statementsPerDischarge, trial, otherCores }) =>
      `| ${patients} | ${databaseMb.toFixed(0)} | ${cpuMsPerDischarge.toFixed(2)} | ${postgresMsPerDischarge.toFixed(2)} | ${ratio.toFixed(2)} | ${statementsPerDischarge} | ${trial.drain.toTasks.p50.toFixed(0)} / ${trial.drain.toTasks.p99.toFixed(0)} | ${otherCores} |`,
  ),
  '',
];
