import type { Task } from '../shapes.js';
import { dueWords, when } from '../time-words.js';

/** Why a task may be snoozed, in the order they are offered. */
export const REASONS = [
  { value: 'waiting-for-call-back', label: 'Waiting for a call back' },
  { value: 'patient-asked', label: 'The patient asked for later' },
  { value: 'waiting-for-documents', label: 'Waiting for documents' },
  { value: 'waiting-for-colleague', label: 'Waiting for a colleague' },
  { value: 'other', label: 'Something else (say it in the note)' },
] as const;

export const isOpen = (task: Task): boolean => task.status === 'open' || task.status === 'overdue';

/** `until Mon, 9 Mar: waiting for a call back`. */
export const snoozeWords = ({ until, reason }: NonNullable<Task['snoozed']>): string =>
  `until ${when(until)}: ${REASONS.find(({ value }) => value === reason)?.label.replace(/ \(.*/, '').toLowerCase() ?? reason}`;

/** How a task stands now, for whoever saw it as it was. */
export const standingWords = (task: Task, now: number, nameOfPerson: (sub: string) => string): string => {
  if (task.outcome) return `It is ${task.status} now: ${task.outcome.code}, by ${nameOfPerson(task.outcome.by)} on ${when(task.outcome.at)}.`;
  const who = task.assignee ? (nameOfPerson(task.assignee) === 'Me' ? 'yours' : `with ${nameOfPerson(task.assignee)}`) : `with the team ${task.team}`;
  return `It is ${who} now, ${dueWords(task.dueAt, now)}${task.snoozed ? `, and snoozed ${snoozeWords(task.snoozed)}` : ''}.`;
};
