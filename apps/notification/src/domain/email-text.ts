import { assertNever } from '@throughline/kernel/assert-never';
import type { Sending } from './message.js';
import type { TaskFact } from './notice.js';

export interface EmailText {
  readonly subject: string;
  readonly text: string;
}

const LISTED = 50;

/** One line of plain text: no control character can end a header or begin a line, nothing runs on for ever. */
export const oneLine = (text: string, max = 120): string => {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return plain.length > max ? `${plain.slice(0, max - 1)}…` : plain;
};

/** `Tue, Mar 3, 2026, 17:00 EST`: the wall clock of the place whose deadline it is. */
export const dueWords = (dueAt: string, zone: string): string =>
  new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', month: 'short', day: 'numeric', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' }).format(Date.parse(dueAt));

const linkTo = (consoleUrl: string, task: TaskFact): string => `${consoleUrl.replace(/\/+$/, '')}/patients/${task.patientId}?task=${task.taskId}`;

const opening = (message: Sending): string => {
  switch (message.reason) {
    case 'opened':
      return 'New task';
    case 'overdue':
      return 'Overdue';
    case 'escalated':
      return 'Escalated';
    default:
      return assertNever(message.reason);
  }
};

const FOOTER = 'This message names no patient on purpose. Open the link and sign in to see whom it is about.';

/** Label of the step, due time, link. Never a name, never a clinical word of a patient's record. */
const single = (message: Sending, consoleUrl: string): EmailText => {
  const { task } = message;
  const label = oneLine(task.label);
  return {
    subject: `${opening(message)}: ${label}`,
    text: [
      `${opening(message)}: ${label}`,
      `Due: ${dueWords(task.dueAt, task.zone)}`,
      `Team: ${oneLine(task.team)}`,
      ...(task.escalatedTo === undefined ? [] : [`Escalated to: ${oneLine(task.escalatedTo)}`]),
      '',
      linkTo(consoleUrl, task),
      '',
      FOOTER,
    ].join('\n'),
  };
};

const digest = (messages: readonly Sending[], consoleUrl: string): EmailText => {
  const counts = new Map<string, number>();
  for (const { task } of messages) counts.set(oneLine(task.label), (counts.get(oneLine(task.label)) ?? 0) + 1);
  const listed = messages.slice(0, LISTED);
  return {
    subject: `${messages.length} overdue ${messages.length === 1 ? 'task' : 'tasks'} of discharges or referrals reported late`,
    text: [
      'Discharges or referrals were reported more than 30 days after they happened. Their tasks are overdue:',
      '',
      ...[...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([label, count]) => `${count} x ${label}`),
      '',
      ...listed.map(({ task }) => linkTo(consoleUrl, task)),
      ...(messages.length > listed.length ? [`and ${messages.length - listed.length} more in the worklist`] : []),
      '',
      FOOTER,
    ].join('\n'),
  };
};

/** The text of one mail: of one message, or of all the digest's. */
export const emailText = (messages: readonly Sending[], consoleUrl: string): EmailText =>
  messages.length === 1 && messages[0]!.kind === 'task' ? single(messages[0]!, consoleUrl) : digest(messages, consoleUrl);
