import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Mode } from '@throughline/testing/system';
import { BenchRun, type BenchResult } from './bench-run.js';
import { costLines } from './report.js';

const USAGE = `npm run bench -- [--mode distributed|embedded] [--seconds N] [--json FILE] [--from RATE] [--rate RATE]

One bench discharge: an A03 with 3 DG1 by MLLP and 4 prescriptions by REST, in the end 5 tasks.
  --mode     which system to start (distributed)
  --seconds  how long the rate that was found is held (60); the other parts are shares of it
  --json     writes the figures to this file
  --from     the first rate tried, per second (20)
  --rate     holds this rate instead of looking for one`;

/** Beside what grows with --seconds. */
const LONGEST_MS = 420_000;

const tenth = (value: number): number => Math.round(value * 10) / 10;

/** The figures whose names stay. */
const figuresOf = ({ adt, hold, half, check }: BenchResult) => ({
  dischargesPerSecond: hold.sustained ? tenth(hold.rate) : 0,
  lost: check.lost,
  acceptToTaskP50Ms: tenth(half.drain.toTasks.p50),
  acceptToTaskP99Ms: tenth(half.drain.toTasks.p99),
  mllpPerSecond: tenth(adt.perSecond),
  mllpAckP99Ms: tenth(adt.ack.p99),
});

const print = (result: BenchResult, mode: Mode): void => {
  const figures = figuresOf(result);
  const { hold, half, check, cost, adt } = result;
  const lines = [
    '',
    `Throughline, ${mode}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node.js ${process.versions.node}; the load generator runs on the same cores.`,
    '',
    '| figure | value | |',
    '|---|---|---|',
    `| discharges per second, end to end | ${figures.dischargesPerSecond} | held for ${hold.seconds.toFixed(0)} s${hold.sustained ? '' : `: ${tenth(hold.rate)}/s was NOT sustained`}, quiet ${hold.drainSeconds.toFixed(1)} s after it |`,
    `| lost, doubled, parked | ${check.lost}, ${check.doubled}, ${check.parked} | of ${check.accepted} accepted messages, ${check.discharges} discharges${check.settled ? '' : '; still at work when it was checked'} |`,
    `| accept to task, p50 / p99 | ${figures.acceptToTaskP50Ms} / ${figures.acceptToTaskP99Ms} ms | at ${tenth(half.rate)}/s, from the time the message was due to its fifth task on the stream |`,
    `| ADT messages accepted and answered per second | ${figures.mllpPerSecond} | 16 connections, each waiting for its answer |`,
    `| their answers, p50 / p99 | ${tenth(adt.ack.p50)} / ${figures.mllpAckP99Ms} ms | |`,
    `| answers during the hold, p50 / p99 | MLLP ${tenth(hold.offer.ack.p50)} / ${tenth(hold.offer.ack.p99)} ms, REST ${tenth(hold.offer.rest.p50)} / ${tenth(hold.offer.rest.p99)} ms | from the time they were due |`,
    '',
    ...costLines(cost),
  ];
  for (const line of lines) console.log(line);
};

const main = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'distributed' }, seconds: { type: 'string', default: '60' }, json: { type: 'string' },
      from: { type: 'string', default: '20' }, rate: { type: 'string' }, help: { type: 'boolean', default: false },
    },
  });
  const { mode } = values;
  const numbers = { seconds: Number(values.seconds), from: Number(values.from), ...(values.rate === undefined ? {} : { rate: Number(values.rate) }) };
  if (values.help || (mode !== 'distributed' && mode !== 'embedded') || Object.values(numbers).some((value) => !(value > 0))) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort(new Error('Interrupted: stopping what was started')));
  const late = setTimeout(() => abort.abort(new Error('The run takes too long: something does not answer')), LONGEST_MS + numbers.seconds * 4_000);
  const result = await BenchRun.whole({ mode, ...numbers, signal: abort.signal, say: console.log }).finally(() => clearTimeout(late));
  print(result, mode);
  const figures = figuresOf(result);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...figures, at: new Date().toISOString(), mode, cores: cpus().length, ...result }, null, 2)}\n`);
  console.log(`\n${JSON.stringify(figures)}`);
  return figures.lost + result.check.doubled > 0 || !result.check.settled || !result.hold.sustained ? 1 : 0;
};

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
