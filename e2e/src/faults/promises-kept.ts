import type { ReceivedMail } from '@throughline/testing/smtp-peer';
import { STEPS } from '../stories/ward.js';
import type { Promised } from './discharge-stream.js';
import type { Line, Seen } from './ledger-reader.js';
import { RUNG_SECONDS } from './short-ladder.js';

const grouped = <T>(items: readonly T[], keyOf: (item: T) => string | null | undefined): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

interface Index {
  readonly byControlId: ReadonlyMap<string, readonly Line[]>;
  readonly bySubject: ReadonlyMap<string, readonly Line[]>;
  readonly followed: readonly (readonly [what: string, byDischarge: ReadonlyMap<string, readonly Line[]>])[];
  readonly tasks: ReadonlyMap<string, readonly Line[]>;
  readonly notices: ReadonlyMap<string, readonly Line[]>;
  readonly lines: ReadonlyMap<string, number>;
}

const of = (lines: readonly Line[], kind: string): readonly Line[] => lines.filter((line) => line.kind === kind);

const indexOf = (seen: Seen): Index => ({
  byControlId: grouped(seen.inbound, (line) => line.controlId),
  bySubject: grouped(seen.inbound, (line) => line.subject),
  followed: [
    ['episode', grouped(of(seen.carePlan, 'episode'), (line) => line.dischargeId)],
    ['reconciliation', grouped(seen.reconciliations, (line) => line.dischargeId)],
    ['follow-up request', grouped(seen.followUps, (line) => line.dischargeId)],
  ],
  tasks: grouped(of(seen.carePlan, 'task'), (line) => line.dischargeId),
  notices: grouped(of(seen.notification, 'notice'), (line) => line.subject),
  lines: new Map(seen.withLines.map((one) => [one.dischargeId, one.lineIds.length])),
});

export interface Problem {
  /** A number that is too small is lost, one that is too large is doubled. */
  readonly kind: 'lost' | 'doubled' | 'wrong';
  readonly text: string;
}

const exactly = (wanted: number, found: number, text: string): Problem[] =>
  found === wanted ? [] : [{ kind: found < wanted ? 'lost' : 'doubled', text: `${text}: ${found} instead of ${wanted}` }];

/**
 * When the ledgers were read, epoch ms. What was owed `by` has happened; what comes after `at` has not; in between, while
 * they were being read, either is right.
 */
export interface Look {
  readonly by: number;
  readonly at: number;
}

const dueOf = (task: Line): number => Date.parse(task.dueAt ?? '');
/** When a contact that nobody made goes one rung up. */
const rungOf = (task: Line): number => Math.max(dueOf(task), Date.parse(task.at)) + RUNG_SECONDS * 1000;

const byTheClock = (moment: number, { by, at }: Look, found: number, text: string): Problem[] =>
  moment <= by ? exactly(1, found, text) : moment > at ? exactly(0, found, `${text}, before its time`) : exactly(Math.min(found, 1), found, text);

/** What the clock owes a task: overdue once its time has passed, and one rung up when the contact stays undone. */
const clockProblems = (task: Line, notices: readonly Line[], name: string, look: Look): Problem[] => {
  const text = `${name}, task ${task.stepId}`;
  const late = notices.filter((notice) => notice.type === 'care.task.overdue.v1' || (notice.type === 'care.task.opened.v1' && notice.outcome === 'overdue'));
  const escalated = notices.filter((notice) => notice.type === 'care.task.escalated.v1');
  const wanted = dueOf(task) <= look.by ? 'overdue' : dueOf(task) > look.at ? 'open' : task.outcome;
  return [
    ...(task.outcome === wanted ? [] : [{ kind: wanted === 'overdue' ? 'lost' : 'wrong', text: `${text} is ${task.outcome}, and is due at ${task.dueAt}` } as const]),
    ...byTheClock(dueOf(task), look, late.length, `${text}, news of its being overdue`),
    ...(task.stepId === 'contact' ? byTheClock(rungOf(task), look, escalated.length, `${text}, news of its escalation`) : exactly(0, escalated.length, `${text}, news of an escalation`)),
  ];
};

/** Late contacts whose next rung is still to come, or came this very moment. */
export const climbing = (promised: readonly Promised[], seen: Seen, { by, at }: Look): number => {
  const index = indexOf(seen);
  const tasks = promised.filter((one) => !one.cancelled).flatMap((one) => index.tasks.get(dischargeOf(one, index).id ?? '') ?? []);
  return tasks.filter((task) => task.stepId === 'contact' && dueOf(task) <= at && rungOf(task) > by).length;
};

/** Seconds from a task's due time, or its rung's, to the news of it; the longest of all these discharges. */
export const latestAlarm = (promised: readonly Promised[], seen: Seen): number => {
  const index = indexOf(seen);
  const delays = promised.flatMap((one) => index.tasks.get(dischargeOf(one, index).id ?? '') ?? []).flatMap((task) =>
    (index.notices.get(task.subject) ?? []).flatMap((notice) =>
      notice.type === 'care.task.overdue.v1' ? [Date.parse(notice.at) - dueOf(task)] : notice.type === 'care.task.escalated.v1' ? [Date.parse(notice.at) - rungOf(task)] : [],
    ),
  );
  return Math.max(0, ...delays) / 1000;
};

const dischargeOf = (promised: Promised, index: Index): { id?: string; problems: Problem[] } => {
  const { name, controlId, inboundId } = promised;
  const inbound = (controlId ? index.byControlId.get(controlId) : index.bySubject.get(inboundId ?? '')) ?? [];
  const problems = exactly(1, inbound.length, `${name}, its discharge message at intake`);
  const [line] = inbound;
  if (line && line.outcome !== 'discharge') problems.push({ kind: 'wrong', text: `${name}, its discharge message ended as ${line.outcome}` });
  return { ...(line?.dischargeId ? { id: line.dischargeId } : {}), problems };
};

const promiseProblems = (promised: Promised, index: Index, look: Look): Problem[] => {
  const { name, cancelled, medicines } = promised;
  const { id, problems } = dischargeOf(promised, index);
  for (const inboundId of medicines) problems.push(...exactly(1, index.bySubject.get(inboundId)?.length ?? 0, `${name}, prescription ${inboundId} at intake`));
  if (id === undefined) return problems;
  for (const [what, byDischarge] of index.followed) {
    const found = byDischarge.get(id) ?? [];
    problems.push(...exactly(1, found.length, `${name}, ${what}`));
    if (cancelled && found.some((line) => line.outcome !== 'withdrawn')) problems.push({ kind: 'wrong', text: `${name} was cancelled, and its ${what} is ${found[0]?.outcome}` });
  }
  const tasks = index.tasks.get(id) ?? [];
  for (const step of new Set([...STEPS, ...tasks.map((task) => task.stepId ?? '')])) {
    problems.push(...exactly(STEPS.includes(step) ? 1 : 0, tasks.filter((task) => task.stepId === step).length, `${name}, task ${step}`));
  }
  for (const task of tasks) {
    const notices = index.notices.get(task.subject) ?? [];
    problems.push(...exactly(1, notices.filter((notice) => notice.type === 'care.task.opened.v1').length, `${name}, task ${task.stepId}, in-app notice of its opening`));
    problems.push(...exactly(cancelled ? 1 : 0, notices.filter((notice) => notice.type === 'care.task.withdrawn.v1').length, `${name}, task ${task.stepId}, in-app notice of its withdrawal`));
    if (!cancelled) problems.push(...clockProblems(task, notices, name, look));
    else if (task.outcome !== 'withdrawn') problems.push({ kind: 'wrong', text: `${name} was cancelled, and its task ${task.stepId} is ${task.outcome}` });
  }
  if (!cancelled) problems.push(...exactly(medicines.length, index.lines.get(id) ?? 0, `${name}, medicines in its reconciliation`));
  return problems;
};

/** Compares what senders were promised with what each service holds. Empty: every promise is kept, each once. */
export const problemsOf = (promised: readonly Promised[], seen: Seen, look: Look): readonly Problem[] => {
  const index = indexOf(seen);
  const numbers = grouped(of(seen.notification, 'notice'), (line) => String(line.number));
  const twice = [...numbers].filter(([, lines]) => lines.length > 1).map(([number]): Problem => ({ kind: 'doubled', text: `two notices have the number ${number}` }));
  return [...promised.flatMap((one) => promiseProblems(one, index, look)), ...twice];
};

/** Notices of these discharges' tasks. */
export const noticesOf = (promised: readonly Promised[], seen: Seen): number => {
  const index = indexOf(seen);
  const ids = new Set(promised.map((one) => dischargeOf(one, index).id));
  return of(seen.notification, 'notice').filter((line) => ids.has(line.dischargeId ?? '')).length;
};

/** E-mail is sent at most once: the same Message-ID twice is a double. */
export const mailProblems = (received: readonly ReceivedMail[]): readonly Problem[] =>
  [...grouped(received, (mail) => mail.messageId)].filter(([, mails]) => mails.length > 1).map(([id, mails]) => ({ kind: 'doubled', text: `Message-ID ${id} came ${mails.length} times` }));

/** Every message came to rest; `sent` was received, and what was received is `sent`, or `unknown` when its sender was killed on the way. */
export const messageProblems = (messages: readonly Line[], received: readonly ReceivedMail[]): readonly Problem[] => {
  const arrived = new Set(received.map((mail) => mail.messageId.split('@')[0]));
  const states = new Map(messages.map((message) => [message.id, message.outcome]));
  return [
    ...messages.filter(({ outcome }) => outcome !== 'sent' && outcome !== 'unknown' && outcome !== 'cancelled').map(({ id, outcome }): Problem => ({ kind: 'lost', text: `e-mail ${id} is ${outcome}` })),
    ...messages.filter(({ id, outcome }) => outcome === 'sent' && !arrived.has(id)).map(({ id }): Problem => ({ kind: 'lost', text: `e-mail ${id} is sent, and never arrived` })),
    ...[...arrived].filter((id) => !['sent', 'unknown'].includes(states.get(id ?? '') ?? '')).map((id): Problem => ({ kind: 'wrong', text: `e-mail ${id} arrived, and is ${states.get(id ?? '') ?? 'not known'}` })),
  ];
};
