import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { kafkaProblem } from '@throughline/local-servers/kafka-jars';
import { redisProblem } from '@throughline/local-servers/redis';
import { smtpPeer } from '@throughline/testing/smtp-peer';
import { System } from '@throughline/testing/system';
import { runFault, type Bench, type Row } from './fault-row.js';
import { faults, type Fault } from './fault-table.js';
import { mailsAtTheEnd } from './mail-at-the-end.js';
import { problemLines, tableOf } from './report.js';
import { SenderJournal } from './sender-journal.js';
import { shortLadder } from './short-ladder.js';

const strict = /^(1|true)$/i.test(process.env['CI'] ?? '');
const say = (line: string): void => console.log(line);
const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, keep: { type: 'boolean', default: false }, port: { type: 'string' }, 'mllp-port': { type: 'string' } },
});

/** A mail server thinks before it answers: a sender killed in that time cannot know whether its mail was taken. */
const SMTP_ANSWERS_AFTER_MS = 40;

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

const chosen = (): readonly Fault[] => {
  const names = flags.only?.split(',').map((name) => name.trim());
  return names ? faults.filter((fault) => names.some((name) => fault.name.includes(name))) : faults;
};

const runRow = async (fault: Fault, bench: Bench): Promise<Row> => {
  try {
    return await runFault(fault, bench);
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return { fault: fault.name, what: '', accepted: 0, again: 0, recoverySeconds: 0, alarmSeconds: 0, notices: 0, mails: 0, lost: 0, doubled: 0, seconds: 0, problems: [error instanceof Error ? error.message : String(error)] };
  }
};

const runAll = async (bench: Bench): Promise<void> => {
  const rows: Row[] = [];
  try {
    for (const fault of chosen()) {
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
    say('');
    for (const line of tableOf(rows)) say(line);
    say(`${mails.line}: ${mails.problems.length === 0 ? 'passed' : 'FAILED'}`);
    for (const line of problemLines(mails.problems)) say(line);
  } catch (error) {
    if (rows.length > 0) for (const line of tableOf(rows)) say(line);
    throw error;
  }
};

const tellStory = async (): Promise<void> => {
  const place = mkdtempSync(join(tmpdir(), 'throughline-faults-'));
  const smtp = await smtpPeer();
  smtp.behave({ kind: 'accept', afterMs: SMTP_ANSWERS_AFTER_MS });
  const home = mkdtempSync(join(tmpdir(), 'throughline-faults-home-'));
  const journal = new SenderJournal(join(place, 'journal.jsonl'));
  let system: System | undefined;
  try {
    say('Starting the stack ...');
    system = await System.start('distributed', {
      home,
      signal: abort.signal,
      ...(flags.port ? { port: Number(flags.port) } : {}),
      ...(flags['mllp-port'] ? { mllpPort: Number(flags['mllp-port']) } : {}),
      env: {
        THROUGHLINE_SMTP_URL: smtp.url,
        THROUGHLINE_SMTP_FROM: 'throughline@care.example',
        THROUGHLINE_TEAM_EMAIL: 'team@care.example',
        THROUGHLINE_EMAIL_ON: 'opened,overdue,escalated',
        // Shortens the lease of a mail whose sender was killed, from 150 s to 40 s.
        THROUGHLINE_SMTP_TIMEOUT_SECONDS: '5',
        THROUGHLINE_PROTOCOLS: shortLadder(join(place, 'protocols')),
      },
    });
    await runAll({ system, journal, smtp, say, stopped });
  } finally {
    say('Stopping the stack ...');
    await system?.stop();
    journal.close();
    await smtp.stop();
    if (flags.keep) say(`Kept: ${home} (data and logs), ${place} (journal)`);
    else for (const folder of [home, place]) rmSync(folder, { recursive: true, force: true });
  }
};

const main = async (): Promise<void> => {
  const gaps = [kafkaProblem(), redisProblem()].filter((gap) => gap !== undefined);
  if (gaps.length > 0) {
    for (const gap of gaps) say(`The fault stories need a server that cannot be started here: ${gap}`);
    tally.skipped += chosen().length + 1;
    if (strict) tally.failed += gaps.length;
    return;
  }
  try {
    await tellStory();
  } catch (error) {
    if (!abort.signal.aborted) console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    tally.failed += 1;
    tally.skipped += Math.max(0, chosen().length + 1 - tally.passed - tally.failed);
  }
};

const begun = Date.now();
await main();
say(`${Math.round((Date.now() - begun) / 1000)} s`);
say(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exit(tally.failed > 0 ? 1 : 0);
