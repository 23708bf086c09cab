import { after, laterOf, type Instant } from '@throughline/kernel/business-time';
import type { ProtocolStep } from './protocol.js';
import type { Task, TaskCore, TaskState } from './task.js';

type Ladder = ProtocolStep['escalation'];
type Running = Extract<TaskState, { status: 'open' | 'overdue' }>;

/** Where the ladder begins: a task that was born late, or whose clock stood still, does not climb all rungs at once. */
const foot = (core: TaskCore): Instant => laterOf(core.dueAt, core.clockFrom);

/** What the clock makes of a task that nobody has finished. An old discharge's task is overdue and climbs no ladder: one digest tells of those. */
export const byTheClock = (core: TaskCore, ladder: Ladder, now: Instant): Running => {
  if (now < core.dueAt) return { status: 'open' };
  if (core.backdated) return { status: 'overdue', escalation: 0 };
  return onRung(ladder.filter((rung) => after(foot(core), rung.after) <= now).length, ladder);
};

export const onRung = (escalation: number, ladder: Ladder): Running => {
  const role = ladder[escalation - 1]?.role;
  return { status: 'overdue', escalation, ...(role ? { escalatedTo: role } : {}) };
};

/** When it has to be looked at next: by its clock, or because it comes back from being aside, whichever is first. */
export const nextWake = (task: Task, ladder: Ladder, paused: boolean): TaskCore['wake'] => {
  const clock = nextRing(task, ladder, paused);
  const back = task.snoozed && ({ job: 'task-snooze-over', at: task.snoozed.until } as const);
  return back && (!clock || back.at < clock.at) ? back : clock;
};

const nextRing = (task: Task, ladder: Ladder, paused: boolean): TaskCore['wake'] => {
  if (paused || task.status === 'completed' || task.status === 'withdrawn') return undefined;
  if (task.status === 'open') return { job: 'task-due', at: task.dueAt };
  const rung = task.backdated ? undefined : ladder[task.escalation];
  return rung && { job: 'task-escalate', at: after(foot(task), rung.after) };
};
