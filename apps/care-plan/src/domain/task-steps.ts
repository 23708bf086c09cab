import type { Publishes } from '@throughline/contracts/flow';
import type { ProtocolStep } from './protocol.js';
import { onRung } from './task-clock.js';
import { isFinal, sameTask, taskData, type Task, type TaskState } from './task.js';

export type CarePlanEvent = Publishes<'care-plan'>;
type TaskVerb = 'opened' | 'changed' | 'overdue' | 'escalated' | 'completed' | 'withdrawn';
type Move = readonly [TaskVerb, TaskState];

/**
 * From what was said of a task to what is so now: one event per thing that happened, each with the next version.
 * A task is born open, or overdue when its time had passed already; what ended it before its birth follows as a second event.
 */
export const moveTask = (was: Task | undefined, now: Task, ladder: ProtocolStep['escalation']): { task: Task; events: CarePlanEvent[] } => {
  let version = was?.version ?? 0;
  const events = moves(was, now, ladder).map(([verb, state]): CarePlanEvent => {
    version += 1;
    return { type: `care.task.${verb}.v1`, data: taskData({ ...core(now), ...state, version }) };
  });
  return { task: { ...now, version }, events };
};

const core = ({ status: _status, ...rest }: Task): Omit<Task, 'status'> => rest;

const moves = (was: Task | undefined, now: Task, ladder: ProtocolStep['escalation']): Move[] => {
  if (!was) return isFinal(now) ? [['opened', { status: 'open' }], [end(now), now]] : [['opened', now]];
  if (sameTask(was, now)) return [];
  if (was.status === now.status) return now.status === 'overdue' && was.status === 'overdue' && now.escalation > was.escalation ? climb(was.escalation, now.escalation, ladder) : [['changed', now]];
  if (isFinal(now)) return [[end(now), now]];
  if (isFinal(was)) return [['opened', now]];
  if (now.status !== 'overdue') return [['changed', now]];
  const first = Math.min(now.escalation, 1);
  return [['overdue', onRung(first, ladder)], ...climb(first, now.escalation, ladder)];
};

const end = (task: Task): TaskVerb => (task.status === 'completed' ? 'completed' : 'withdrawn');

/** Each rung is another person to tell, so each is an event of its own. */
const climb = (from: number, to: number, ladder: ProtocolStep['escalation']): Move[] =>
  Array.from({ length: to - from }, (_, i): Move => ['escalated', onRung(from + i + 1, ladder)]);
