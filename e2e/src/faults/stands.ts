import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smtpPeer } from '@throughline/testing/smtp-peer';
import { System } from '@throughline/testing/system';
import type { Bench, StandName } from './fault.js';
import { SenderJournal } from './sender-journal.js';
import { shortLadder } from './short-ladder.js';
import { onSmallDisk } from './small-disk.js';

/** A mail server thinks before it answers: a sender killed in that time cannot know whether its mail was taken. */
const SMTP_ANSWERS_AFTER_MS = 40;

interface Shape {
  /** Of `throughline stack`. */
  readonly args: readonly string[];
  /** Before the start, on the empty home. Answers how it is undone. */
  readonly lay?: (home: string) => () => void;
}

const shapes: Readonly<Record<StandName, Shape>> = {
  'one copy each': { args: [] },
  'two copies each': { args: ['--copies', '2'] },
  'three brokers': { args: ['--brokers', '3'] },
  'small disk': { args: [], lay: onSmallDisk },
};

export const STANDS = Object.keys(shapes) as readonly StandName[];

export interface StandOptions extends Pick<Bench, 'say' | 'stopped'> {
  readonly signal: AbortSignal;
  readonly keep: boolean;
  readonly port?: number;
  readonly mllpPort?: number;
}

/** A whole system with its mail server and its senders' journal; all of it is taken down, whatever happens. */
export const onStand = async (name: StandName, { say, stopped, signal, keep, ...ports }: StandOptions, work: (bench: Bench) => Promise<void>): Promise<void> => {
  const { args, lay } = shapes[name];
  const place = mkdtempSync(join(tmpdir(), 'throughline-faults-'));
  const home = mkdtempSync(join(tmpdir(), 'throughline-faults-home-'));
  // PostgreSQL runs as an account of its own when root runs this, and has to get in.
  chmodSync(home, 0o711);
  const smtp = await smtpPeer();
  smtp.behave({ kind: 'accept', afterMs: SMTP_ANSWERS_AFTER_MS });
  const journal = new SenderJournal(join(place, 'journal.jsonl'));
  const undo = lay?.(home);
  let system: System | undefined;
  try {
    say(`Starting a stack: ${name} ...`);
    system = await System.start('distributed', {
      home, signal, args, ...ports,
      env: {
        THROUGHLINE_SMTP_URL: smtp.url,
        THROUGHLINE_SMTP_FROM: 'throughline@care.example',
        THROUGHLINE_TEAM_EMAIL: 'team@care.example',
        THROUGHLINE_EMAIL_ON: 'opened,overdue,escalated',
        // Shortens the lease of a mail whose sender was killed, from 150 s to 40 s.
        THROUGHLINE_SMTP_TIMEOUT_SECONDS: '5',
        // A frame that pauses is cut off after 10 s instead of 30.
        THROUGHLINE_MLLP_STALL_SECONDS: '10',
        THROUGHLINE_PROTOCOLS: shortLadder(join(place, 'protocols')),
      },
    });
    await work({ system, journal, smtp, say, stopped });
  } finally {
    say('Stopping the stack ...');
    await system?.stop();
    journal.close();
    await smtp.stop();
    undo?.();
    if (keep) say(`Kept: ${home} (data and logs), ${place} (journal)`);
    else for (const folder of [home, place]) rmSync(folder, { recursive: true, force: true });
  }
};
