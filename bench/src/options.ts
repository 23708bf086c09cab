import { parseArgs } from 'node:util';
import type { Mode } from '@throughline/testing/system';

export const USAGE = `npm run bench -- [options]

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

Instead of all that:
  --growth                      what a discharge costs with 1,000, 100,000 and 1,000,000 patients on file, at --rate (50)
                                for --seconds (60); --patients N,N,... for other numbers
  --backlog [N]                 N discharges (50000) accepted while the readers are away, then drained in one go

What each figure is, and how to read it: docs/benchmarks.md`;

const DEFAULTS = { seconds: 300, 'floor-discharges': 20_000, 'naive-discharges': 300, 'embedded-seconds': 30 } as const;
const BACKLOG = 50_000;
const GROWTH = { patients: '1000,100000,1000000', rate: 50, seconds: 60 } as const;

type Numbers = Readonly<Record<keyof typeof DEFAULTS, number>> & { readonly from?: number; readonly rate?: number };

export interface Options {
  readonly mode: Mode;
  readonly numbers: Numbers;
  readonly without: Readonly<Record<'floor' | 'naive' | 'embedded', boolean>>;
  readonly json: string | undefined;
  readonly growth: { readonly patients: readonly number[]; readonly rate: number; readonly seconds: number } | undefined;
  readonly backlog: number | undefined;
}

/** `--backlog` alone means the usual number. */
const filledIn = (args: readonly string[]): string[] => args.flatMap((arg, i) => (arg === '--backlog' && !/^\d/.test(args[i + 1] ?? '') ? [arg, String(BACKLOG)] : [arg]));

/** Undefined when they make no sense, or help is wanted. Throws for an option that does not exist. */
export const optionsOf = (args: readonly string[]): Options | undefined => {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: filledIn(args),
    options: {
      mode: { type: 'string', default: 'distributed' }, json: text, from: text, rate: text, seconds: text, 'floor-discharges': text, 'naive-discharges': text, 'embedded-seconds': text,
      growth: flag, patients: text, backlog: text, 'no-floor': flag, 'no-naive': flag, 'no-embedded': flag, help: flag,
    },
  });
  const { mode } = values;
  const given: Record<string, number> = {};
  for (const name of ['from', 'rate', 'seconds', 'floor-discharges', 'naive-discharges', 'embedded-seconds'] as const) if (values[name] !== undefined) given[name] = Number(values[name]);
  const patients = (values.patients ?? GROWTH.patients).split(',').map(Number);
  const backlog = values.backlog === undefined ? undefined : Number(values.backlog);
  const all = [...Object.values(given), ...patients, ...(backlog === undefined ? [] : [backlog])];
  if (values.help || (mode !== 'distributed' && mode !== 'embedded') || all.some((value) => !(value > 0))) return undefined;
  return {
    mode, json: values.json, backlog, numbers: { ...DEFAULTS, ...given },
    without: { floor: values['no-floor'], naive: values['no-naive'], embedded: values['no-embedded'] },
    growth: values.growth ? { patients: patients.toSorted((a, b) => a - b), rate: given['rate'] ?? GROWTH.rate, seconds: given['seconds'] ?? GROWTH.seconds } : undefined,
  };
};
