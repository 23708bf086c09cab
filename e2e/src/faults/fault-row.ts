import { setTimeout as delay } from 'node:timers/promises';
import { throughline, type System } from '@throughline/testing/system';
import { streamDischarges, type Promised, type Streamed, type StreamOptions } from './discharge-stream.js';
import type { Bench, Fault, Struck } from './fault.js';
import { readLedgers, unquiet, type Seen } from './ledger-reader.js';
import { climbing, latestAlarm, mailProblems, noticesOf, problemsOf, type Problem } from './promises-kept.js';

const COUNT = 120;
const STREAM_MS = 14_000;
/** How long a sender tries again, and how long the system may take until it is ready. */
const PATIENCE_MS = 150_000;
/** A machine with much else to do is slow: the wait ends when nothing has moved for this long, */
const STILL_MS = 45_000;
/** or after this long whatever moves. */
const LONGEST_MS = 300_000;
const DUE_COUNT = 15;
/** Time to send what falls due, and to arm its alarms, before the fault; and from the fault to the moment they are due. */
const DUE_LEAD_MS = 16_000;
const DUE_AFTER_FAULT_MS = 4_000;

export interface Row {
  readonly fault: string;
  /** Why it could not be run here. */
  readonly skipped?: string;
  readonly what: string;
  readonly accepted: number;
  readonly again: number;
  readonly recoverySeconds: number;
  /** How late the latest alarm of its discharges was. */
  readonly alarmSeconds: number;
  /** The longest that a sender of HL7 waited for its AA, tries again included. */
  readonly answerSeconds: number;
  readonly notices: number;
  readonly mails: number;
  readonly lost: number;
  readonly doubled: number;
  readonly seconds: number;
  /** Empty: passed. */
  readonly problems: readonly string[];
}

interface Checked {
  readonly settled: boolean;
  readonly parked: number;
  readonly details: { readonly lost: readonly string[]; readonly doubled: readonly string[]; readonly left: readonly string[] };
}

/** `throughline check` over everything journalled so far. */
const check = async ({ system, journal }: Bench): Promise<Checked> => {
  const run = await throughline(['check', '--home', system.home, '--journal', journal.path, '--settle', '60', '--json']);
  try {
    return JSON.parse(run.last) as Checked;
  } catch {
    throw new Error(`throughline check said no JSON (exit code ${run.code}): ${run.output.slice(-1000)}`);
  }
};

/** Seconds from a moment until front says that every service is ready, every copy of it too, and what was missing last. */
const recovery = async (system: System, from: number): Promise<{ seconds: number; last: string }> => {
  for (let last = ''; ; await delay(100)) {
    try {
      const { status, body } = await system.call<{ reasons?: readonly string[]; degraded?: readonly string[] }>('GET', '/readyz');
      const copies = body.degraded?.filter((one) => /\(copy \d+ of \d+\)/.test(one)) ?? [];
      if (status === 200 && copies.length === 0) return { seconds: (Date.now() - from) / 1000, last };
      last = [...(body.reasons ?? [String(status)]), ...copies].join('; ');
    } catch (error) {
      last = `front: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (Date.now() > from + PATIENCE_MS) throw new Error(`not ready ${PATIENCE_MS / 1000} s after the fault: ${last.slice(0, 500)}`);
  }
};

interface Settled {
  readonly seen: Seen;
  readonly problems: readonly Problem[];
}

/** One look at everything, with what is wrong and whether the clock still owes something. */
const look = async (system: System, promised: readonly Promised[]): Promise<Settled & { climbing: number }> => {
  // What is under way in this very second is not late.
  const by = Date.now() - 2_000;
  const seen = await readLedgers(system);
  const when = { by, at: Date.now() };
  return { seen, problems: problemsOf(promised, seen, when), climbing: climbing(promised, seen, when) };
};

const asTold = ({ seen, problems }: Settled, left: readonly string[]): Settled => ({ seen, problems: [...problems, ...left.map((text): Problem => ({ kind: 'wrong', text: `not quiet: ${text}` }))] });

/** Waits until the system is quiet, every promise kept and every alarm of the story rung; answers the last look. */
export const settled = async ({ system, smtp }: Bench, promised: readonly Promised[]): Promise<Settled> => {
  const end = Date.now() + LONGEST_MS;
  let picture = '';
  for (let still = Date.now() + STILL_MS; ; await delay(1_000)) {
    const left = await unquiet(system);
    const over = Date.now() > Math.min(still, end);
    let now = `${left.join()} ${smtp.received.length}`;
    if (left.length === 0 || over) {
      const found = await look(system, promised);
      if (over || (found.problems.length === 0 && found.climbing === 0)) return asTold(found, left);
      now += ` ${found.problems.length} ${found.climbing}`;
    }
    if (now !== picture) still = Date.now() + STILL_MS;
    picture = now;
  }
};

/** The next whole minute that leaves time enough, so that a task's day can end then. */
const nextDue = (): Date => new Date(Math.ceil((Date.now() + DUE_LEAD_MS + DUE_AFTER_FAULT_MS) / 60_000) * 60_000);

const planOf = (fault: Fault, goOn: () => boolean): { stream: StreamOptions; strikeInMs: number } => {
  if (!fault.fallsDue) return { stream: { count: COUNT, overMs: STREAM_MS, patienceMs: PATIENCE_MS, goOn }, strikeInMs: STREAM_MS * (0.35 + 0.3 * Math.random()) };
  const at = nextDue();
  const strikeInMs = at.getTime() - DUE_AFTER_FAULT_MS - Date.now();
  return { stream: { count: COUNT, overMs: strikeInMs + DUE_AFTER_FAULT_MS, patienceMs: PATIENCE_MS, goOn, fallsDue: { at, count: DUE_COUNT } }, strikeInMs };
};

const strikeAndRecover = async (fault: Fault, bench: Bench, inMs: number): Promise<Struck & { seconds: number; last: string }> => {
  await delay(inMs);
  const struck = await fault.strike(bench);
  return { ...struck, ...(await recovery(bench.system, struck.from)) };
};

/** The stream goes on for as long as the fault does. */
const streamThrough = async (fault: Fault, bench: Bench): Promise<{ streamed: Streamed; struck: Struck & { seconds: number; last: string } }> => {
  let lasts = true;
  const { stream, strikeInMs } = planOf(fault, () => lasts);
  const [streamed, struck] = await Promise.race([
    Promise.all([streamDischarges(bench.system, bench.journal, stream), strikeAndRecover(fault, bench, strikeInMs).finally(() => (lasts = false))]),
    bench.stopped,
  ]);
  return { streamed: { ...streamed, promised: [...streamed.promised, ...(struck.promised ?? [])] }, struck };
};

const known = new Set<string>();
/** What is new since the row before: the tools look at the whole run. */
const fresh = (texts: readonly string[]): readonly string[] => texts.filter((text) => !known.has(text) && known.add(text));

/** What senders must not have met in this row, whatever became of their messages. */
const sendersProblems = ({ senders = 'patient' }: Fault, { again, refused }: Streamed): readonly Problem[] => [
  ...(senders !== 'patient' && refused > 0 ? [{ kind: 'wrong', text: `${refused} messages were answered "not stored"` } as const] : []),
  ...(senders === 'undisturbed' && again > 0 ? [{ kind: 'wrong', text: `${again} messages of other senders had to be sent again` } as const] : []),
];

const tell = async (fault: Fault, bench: Bench): Promise<Row> => {
  const { system, journal, smtp } = bench;
  const begun = Date.now();
  const mailsBefore = smtp.received.length;
  const journalledBefore = journal.lines;
  const { streamed, struck } = await streamThrough(fault, bench);
  bench.say(`    ${struck.what}; ready ${struck.seconds.toFixed(1)} s later${struck.last ? ` (missing last: ${struck.last.slice(0, 200)})` : ''}; ${journal.lines - journalledBefore} messages answered AA, ${streamed.again} tries again; waiting for quiet`);
  await Promise.race([settled(bench, streamed.promised), bench.stopped]);
  const checked = await check(bench);
  // Once more, after quiet: a second effect would have shown itself by now.
  const { seen, problems } = asTold(await look(system, streamed.promised), await unquiet(system));
  const mail = mailProblems(smtp.received);
  const all: readonly Problem[] = [
    ...[...streamed.failures, ...(struck.problems ?? []), ...((await struck.afterwards?.()) ?? [])].map((text): Problem => ({ kind: 'wrong', text })),
    ...sendersProblems(fault, streamed),
    ...problems,
    ...mail.filter(({ text }) => fresh([text]).length > 0),
    ...fresh(checked.details.lost).map((text): Problem => ({ kind: 'lost', text: `check: ${text}` })),
    ...fresh(checked.details.doubled).map((text): Problem => ({ kind: 'doubled', text: `check: ${text}` })),
    ...(checked.settled ? [] : [{ kind: 'wrong', text: `check: not settled: ${checked.details.left.join('; ')}` } as const]),
    ...(checked.parked === 0 ? [] : [{ kind: 'wrong', text: `check: ${checked.parked} parked` } as const]),
    ...(fault.fallsDue && streamed.promised.length < COUNT + DUE_COUNT ? [{ kind: 'wrong', text: 'not every discharge that falls due was accepted' } as const] : []),
  ];
  return {
    fault: fault.name, what: struck.what, accepted: streamed.promised.length, again: streamed.again, recoverySeconds: struck.seconds,
    alarmSeconds: fault.untimed ? Number.NaN : latestAlarm(streamed.promised, seen), answerSeconds: streamed.slowestMs / 1000, notices: noticesOf(streamed.promised, seen), mails: smtp.received.length - mailsBefore,
    lost: all.filter(({ kind }) => kind === 'lost').length, doubled: all.filter(({ kind }) => kind === 'doubled').length,
    seconds: (Date.now() - begun) / 1000, problems: all.map(({ text }) => text),
  };
};

/** One fault in the middle of a stream of discharges, and everything that has to be true afterwards. */
export const runFault = async (fault: Fault, bench: Bench): Promise<Row> => {
  const undo = await fault.prepare?.(bench);
  try {
    return await tell(fault, bench);
  } finally {
    await undo?.();
  }
};
