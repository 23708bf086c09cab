import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { backlogLines, backlogRun } from './backlog-run.js';
import { benchRun, shortRun } from './bench-run.js';
import { faultsOf, figuresOf } from './figures.js';
import { growthLines, growthRun } from './growth/growth-run.js';
import { type Options, optionsOf, USAGE } from './options.js';
import { benchLines } from './report.js';

/** What a run needs at most beside the time it offers load: starting, looking for rates, filling tables, comparing, checking. */
const SURROUNDINGS_SECONDS = 1_800;
/** Six holds, half the rate, and what goes with them. */
const HOLDS = 8;
/** Slower than this nothing is worth waiting for. */
const SLOWEST = { discharges: 20, patients: 250 } as const;

const longestSeconds = ({ growth, backlog, numbers }: Options): number => {
  if (growth) return SURROUNDINGS_SECONDS + growth.patients.length * growth.seconds * 2 + growth.patients.at(-1)! / SLOWEST.patients;
  if (backlog !== undefined) return SURROUNDINGS_SECONDS + backlog / SLOWEST.discharges;
  return SURROUNDINGS_SECONDS + HOLDS * numbers.seconds;
};

interface Outcome {
  /** For people. */
  readonly lines: readonly string[];
  /** A sentence each; a run with any is not a good one. */
  readonly faults: readonly string[];
  /** The last line, for programs. */
  readonly figures: object;
  readonly whole: object;
}

interface Surroundings {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const growthOutcome = async (growth: NonNullable<Options['growth']>, surroundings: Surroundings): Promise<Outcome> => {
  const levels = await growthRun({ ...growth, ...surroundings });
  const faults = levels.filter(({ trial }) => !trial.sustained).map(({ patients }) => `the rate was not sustained with ${patients} patients on file`);
  const figures = { growth: levels.map(({ patients, cpuMsPerDischarge, statementsPerDischarge, ratio }) => ({ patients, cpuMsPerDischarge, statementsPerDischarge, ratio })) };
  return { lines: growthLines(levels), faults, figures, whole: { growth: levels } };
};

const backlogOutcome = async (discharges: number, surroundings: Surroundings): Promise<Outcome> => {
  const result = await backlogRun({ discharges, ...surroundings });
  const { check, notAccepted, unseen, drainedPerSecond, drainSeconds } = result;
  const faults = [
    ...(check.lost + check.doubled > 0 ? [`${check.lost} lost and ${check.doubled} doubled`] : []),
    ...(check.settled ? [] : ['still at work when it was checked']),
    ...(notAccepted > 0 ? [`${notAccepted} were not accepted`] : []),
    ...(unseen > 0 ? [`a subscriber did not see the tasks of ${unseen} discharges`] : []),
  ];
  return { lines: backlogLines(result), faults, figures: { backlog: discharges, drainedPerSecond: Math.round(drainedPerSecond * 10) / 10, drainSeconds: Math.round(drainSeconds * 10) / 10, lost: check.lost }, whole: { backlog: result } };
};

const benchOutcome = async ({ mode, numbers, without }: Options, surroundings: Surroundings): Promise<Outcome> => {
  const rivals = { floor: without.floor ? 0 : numbers['floor-discharges'], naive: without.naive ? 0 : numbers['naive-discharges'] };
  const result = await benchRun({ ...surroundings, mode, seconds: numbers.seconds, from: numbers.from, rate: numbers.rate, rivals });
  const embedded = mode === 'embedded' || without.embedded ? undefined : await shortRun({ ...surroundings, mode: 'embedded', seconds: numbers['embedded-seconds'], rate: numbers.rate });
  const figures = figuresOf(result, embedded);
  return { lines: benchLines(result, embedded, figures), faults: faultsOf(result, embedded), figures, whole: { ...figures, ...result, embedded: embedded ?? null } };
};

const main = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2));
  if (!options) {
    console.error(USAGE);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort(new Error('Interrupted: stopping what was started')));
  const late = setTimeout(() => abort.abort(new Error('The run takes too long: something does not answer')), longestSeconds(options) * 1_000);
  const surroundings: Surroundings = { signal: abort.signal, say: console.log };
  const { growth, backlog } = options;
  const running = growth ? growthOutcome(growth, surroundings) : backlog !== undefined ? backlogOutcome(backlog, surroundings) : benchOutcome(options, surroundings);
  const { lines, faults, figures, whole } = await running.finally(() => clearTimeout(late));
  for (const line of lines) console.log(line);
  for (const fault of faults) console.log(`! ${fault}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...whole, faults, at: new Date().toISOString(), cores: cpus().length }, null, 2)}\n`);
  console.log(`\n${JSON.stringify(figures)}`);
  return faults.length > 0 ? 1 : 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
