import type { SmtpPeer } from '@throughline/testing/smtp-peer';
import type { System } from '@throughline/testing/system';
import type { Promised } from './discharge-stream.js';
import type { SenderJournal } from './sender-journal.js';

export interface Bench {
  readonly system: System;
  readonly journal: SenderJournal;
  readonly smtp: SmtpPeer;
  readonly say: (line: string) => void;
  /** Rejects when the person stops the run. */
  readonly stopped: Promise<never>;
}

export interface Struck {
  /** When the part was asked to come back, or the damage was done: recovery counts from here (epoch ms). */
  readonly from: number;
  /** What was done, in a few words. */
  readonly what: string;
  /** What was not as this fault's story tells it. */
  readonly problems?: readonly string[];
  /** Discharges of the story itself: they are owed what those of the stream are owed. */
  readonly promised?: readonly Promised[];
  /** Looked at when all is quiet again; answers what is wrong. */
  readonly afterwards?: () => Promise<readonly string[]>;
}

/** What a whole system stands on: see `stands.ts`. */
export type StandName = 'one copy each' | 'two copies each' | 'three brokers' | 'small disk';

export interface Fault {
  readonly name: string;
  readonly stand: StandName;
  /** Why this machine cannot run it, whatever is installed. */
  readonly unable?: () => string | undefined;
  /** The tool that it needs and that is not installed. */
  readonly missing?: () => string | undefined;
  /** Before the stream, while all is quiet. Answers how it is undone. */
  readonly prepare?: (bench: Bench) => Promise<() => Promise<void>>;
  /** Does the damage and puts it right, in the middle of the stream, which goes on for as long as this takes. */
  readonly strike: (bench: Bench) => Promise<Struck>;
  /** Tasks fall due in the story: what the alarm clock loses must still happen. */
  readonly fallsDue?: boolean;
  /** How late alarms were says nothing here, because a clock was wrong. */
  readonly untimed?: boolean;
  /**
   * What the stream's senders may meet: anything, and they try again (`patient`, the default); broken connections, but no
   * answer "not stored" (`answered`); nothing at all (`undisturbed`).
   */
  readonly senders?: 'patient' | 'answered' | 'undisturbed';
}
