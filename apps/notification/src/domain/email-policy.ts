import { idOf } from '@throughline/kernel/ids';
import type { TaskNews } from './notice.js';
import type { Message, Reason } from './message.js';

/** What the operator configured. Off: nothing is planned, and the channel says that it is off. */
export type EmailPolicy =
  | { readonly state: 'off' }
  | { readonly state: 'on'; readonly reasons: readonly Reason[]; readonly digestEveryMs: number; readonly expireAfterMs: number };

const reasonOf = ({ type, task }: TaskNews): Reason | undefined => {
  switch (type) {
    // Backdated tasks open overdue.
    case 'care.task.opened.v1':
      return task.status === 'overdue' ? 'overdue' : 'opened';
    case 'care.task.overdue.v1':
      return 'overdue';
    case 'care.task.escalated.v1':
      return 'escalated';
    case 'care.task.changed.v1':
    case 'care.task.completed.v1':
    case 'care.task.withdrawn.v1':
      return undefined;
  }
};

const nextSlot = (now: string, everyMs: number): string => new Date((Math.floor(Date.parse(now) / everyMs) + 1) * everyMs).toISOString();

/**
 * The e-mail that a piece of news asks for. News of a backdated task waits for the next digest and is told once only: old
 * discharges that arrive by the thousand must not become a storm.
 */
export const messageFor = (news: TaskNews, policy: EmailPolicy, now: string): Message | undefined => {
  const reason = reasonOf(news);
  if (policy.state === 'off' || reason === undefined || !policy.reasons.includes(reason)) return undefined;
  const { task } = news;
  const kind = task.backdated ? 'digest' : 'task';
  return {
    id: kind === 'digest' ? idOf('message', 'email', 'digest', task.taskId) : idOf('message', 'email', news.eventId),
    patientId: task.patientId,
    kind,
    reason,
    task,
    correlationId: news.correlationId,
    plannedAt: now,
    expiresAt: new Date(Date.parse(now) + policy.expireAfterMs).toISOString(),
    version: 0,
    attempts: 0,
    state: 'planned',
    dueAt: kind === 'digest' ? nextSlot(now, policy.digestEveryMs) : now,
  };
};
