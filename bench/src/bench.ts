import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type BenchResult, benchRun, shortRun } from './bench-run.js';
import { faultsOf, figuresOf } from './figures.js';
import { benchLines } from './report.js';

const USAGE = `npm run bench -- [options]

One bench discharge: an A03 with 3 DG1 by MLLP and 4 prescriptions by REST, in the end 5 tasks.
  --mode distributed|embedded   which system to measure (distributed)
  --seconds N                   how long the rate that was found is held (300)
  --from RATE                   the first rate tried, per second (what the warm-up says)
  --rate RATE                   holds this rate instead of looking for one
  --floor-discharges N          how many the floor is measured with (20000)
  --naive-discharges N          how many the naive pipeline is measured with (300)
  --embedded-seconds N          how long the embedded mode holds its rate (30)
  --no-floor, --no-naive, --no-embedded   leaves that part out
  --json FILE                   writes the figures to this file

What each figure is, and how to read it: docs/benchmarks.md`;

/** Beside what grows with --seconds: starting twice, looking for a rate twice, the comparisons, checking twice. */
const LONGEST_SECONDS = 1_800;
/** Three holds at most, half the rate, and what goes with them. */
const LONGEST_HOLDS = 5;

type Numbers = Readonly<Record<'seconds' | 'floor-discharges' | 'naive-discharges' | 'embedded-seconds', number>> & { readonly from?: number; readonly rate?: number };

const DEFAULTS = { seconds: 300, 'floor-discharges': 20_000, 'naive-discharges': 300, 'embedded-seconds': 30 } as const;

const optionsOf = (args: readonly string[]) => {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: 'string', default: 'distributed' }, json: { type: 'string' }, from: { type: 'string' }, rate: { type: 'string' },
      ...(Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, { type: 'string' }])) as Record<keyof typeof DEFAULTS, { type: 'string' }>),
      'no-floor': flag, 'no-naive': flag, 'no-embedded': flag, help: flag,
    },
  });
  const { mode } = values;
  const given = Object.fromEntries(['from', 'rate', ...Object.keys(DEFAULTS)].flatMap((name) => (name in values ? [[name, Number(values[name as 'rate'])]] : [])));
  const numbers = { ...DEFAULTS, ...given } as Numbers;
  if (values.help || (mode !== 'distributed' && mode !== 'embedded') || Object.values(numbers).some((value) => !(value > 0))) return undefined;
  return { ...values, mode, numbers } as const;
};

const main = async (): Promise<number> => {
  const options = optionsOf(process.argv.slice(2));
  if (!options) {
    console.error(USAGE);
    return process.argv.includes('--help') ? 0 : 2;
  }
  const { mode, numbers } = options;
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort(new Error('Interrupted: stopping what was started')));
  const late = setTimeout(() => abort.abort(new Error('The run takes too long: something does not answer')), (LONGEST_SECONDS + LONGEST_HOLDS * numbers.seconds) * 1_000);
  const surroundings = { signal: abort.signal, say: console.log };
  let result: BenchResult;
  let embedded: Awaited<ReturnType<typeof shortRun>> | undefined;
  try {
    const rivals = { floor: options['no-floor'] ? 0 : numbers['floor-discharges'], naive: options['no-naive'] ? 0 : numbers['naive-discharges'] };
    result = await benchRun({ ...surroundings, mode, seconds: numbers.seconds, from: numbers.from, rate: numbers.rate, rivals });
    if (mode === 'distributed' && !options['no-embedded']) embedded = await shortRun({ ...surroundings, mode: 'embedded', seconds: numbers['embedded-seconds'], rate: numbers.rate });
  } finally {
    clearTimeout(late);
  }
  const figures = figuresOf(result, embedded);
  const faults = faultsOf(result, embedded);
  for (const line of benchLines(result, embedded, figures)) console.log(line);
  for (const fault of faults) console.log(`! ${fault}`);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ ...figures, faults, at: new Date().toISOString(), cores: cpus().length, ...result, embedded: embedded ?? null }, null, 2)}\n`);
  console.log(`\n${JSON.stringify(figures)}`);
  return faults.length > 0 ? 1 : 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
