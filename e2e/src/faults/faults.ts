import { parseArgs } from 'node:util';
import { kafkaProblem } from '@throughline/local-servers/kafka-jars';
import { redisProblem } from '@throughline/local-servers/redis';
import type { Bench, Fault, StandName } from './fault.js';
import { runFault, type Row } from './fault-row.js';
import { faults } from './fault-table.js';
import { mailsAtTheEnd } from './mail-at-the-end.js';
import { problemLines, tableOf } from './report.js';
import { onStand, STANDS } from './stands.js';

const strict = /^(1|true)$/i.test(process.env['CI'] ?? '');
const say = (line: string): void => console.log(line);
const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, times: { type: 'string', default: '1' }, keep: { type: 'boolean', default: false }, port: { type: 'string' }, 'mllp-port': { type: 'string' } },
});

class Stopped extends Error {
  override readonly name = 'Stopped';
}

const abort = new AbortController();
const stopped = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!abort.signal.aborted) say(`\nStopping (${signal}) ...`);
      abort.abort();
      reject(new Stopped(signal));
    });
  }
});
stopped.catch(() => undefined);

const tally = { passed: 0, failed: 0, skipped: 0 };
const rows: Row[] = [];
const lines: string[] = [];

const chosen = (): readonly Fault[] => {
  const names = flags.only?.split(',').map((name) => name.trim());
  const some = names ? faults.filter((fault) => names.some((name) => fault.name.includes(name))) : faults;
  return some.flatMap((fault) => Array.from({ length: Number(flags.times) }, () => fault));
};

const nothing = { what: '', accepted: 0, again: 0, recoverySeconds: 0, alarmSeconds: 0, answerSeconds: 0, notices: 0, mails: 0, lost: 0, doubled: 0, seconds: 0 };

const runRow = async (fault: Fault, bench: Bench): Promise<Row> => {
  try {
    return await runFault(fault, bench);
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return { ...nothing, fault: fault.name, problems: [error instanceof Error ? error.message : String(error)] };
  }
};

/** What cannot be run here is told; a tool that is not there counts as failed where all of them have to be. */
const leftOut = (fault: Fault): boolean => {
  const unable = fault.unable?.();
  const why = unable ?? fault.missing?.();
  if (why === undefined) return false;
  say(`  ${fault.name}\n    not run: ${why}`);
  rows.push({ ...nothing, fault: fault.name, skipped: why, problems: [] });
  tally[strict && unable === undefined ? 'failed' : 'skipped'] += 1;
  return true;
};

const runAll = async (own: readonly Fault[], bench: Bench): Promise<void> => {
  for (const fault of own) {
    say(`  ${fault.name}`);
    const row = await runRow(fault, bench);
    rows.push(row);
    tally[row.problems.length === 0 ? 'passed' : 'failed'] += 1;
    say(`    ${row.problems.length === 0 ? 'passed' : 'FAILED'} (${row.seconds.toFixed(0)} s)`);
    for (const line of problemLines(row.problems)) say(line);
  }
  say('  e-mails at the end');
  const mails = await Promise.race([mailsAtTheEnd(bench), stopped]);
  tally[mails.problems.length === 0 ? 'passed' : 'failed'] += 1;
  lines.push(`${mails.line}: ${mails.problems.length === 0 ? 'passed' : 'FAILED'}`, ...problemLines(mails.problems));
};

const runStand = async (name: StandName): Promise<void> => {
  const own = chosen().filter((fault) => fault.stand === name && !leftOut(fault));
  if (own.length === 0) return;
  const options = { say, stopped, signal: abort.signal, keep: flags.keep, ...(flags.port ? { port: Number(flags.port) } : {}), ...(flags['mllp-port'] ? { mllpPort: Number(flags['mllp-port']) } : {}) };
  await onStand(name, options, (bench) => runAll(own, bench));
};

const main = async (): Promise<void> => {
  const gaps = [kafkaProblem(), redisProblem()].filter((gap) => gap !== undefined);
  if (gaps.length > 0) {
    for (const gap of gaps) say(`The fault stories need a server that cannot be started here: ${gap}`);
    tally.skipped += chosen().length;
    if (strict) tally.failed += gaps.length;
    return;
  }
  for (const name of STANDS) {
    try {
      await runStand(name);
    } catch (error) {
      tally.failed += 1;
      if (abort.signal.aborted) break;
      console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    }
  }
  tally.skipped += Math.max(0, chosen().length - rows.length);
  say('');
  if (rows.length > 0) for (const line of tableOf(rows)) say(line);
  for (const line of lines) say(line);
};

const begun = Date.now();
await main();
say(`${Math.round((Date.now() - begun) / 1000)} s`);
say(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exit(tally.failed > 0 ? 1 : 0);
