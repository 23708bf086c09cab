import { instantOf } from '@throughline/kernel/business-time';
import { Refused } from '@throughline/kernel/refused';
import { endSnooze, snoozeLimit, type Snooze, type SnoozeReason } from '../domain/snooze.js';
import type { Task } from '../domain/task.js';
import type { Tx } from './ports.js';
import { workOnTask, type TaskOf } from './work-on-task.js';

export interface Snoozing extends TaskOf {
  readonly until: string;
  readonly reason: SnoozeReason;
  readonly note?: string | undefined;
}

/** A person puts a task aside for a while and says why. It goes on being due when it was due. */
export const snoozeTask = ({ until, reason, note, ...task }: Snoozing, tx: Tx): Promise<void> =>
  workOnTask(task, tx, (work, known) => ({ ...work, snooze: snoozeOf(known, instantOf(until), reason, note, tx) }));

/** A person takes it up again before its time. */
export const unsnoozeTask = (task: TaskOf, tx: Tx): Promise<void> =>
  workOnTask(task, tx, (work) => (work.snooze ? { ...work, snooze: endSnooze(work.snooze, tx.now, tx.actor) } : work));

const snoozeOf = ({ dueAt }: Task, until: string, reason: SnoozeReason, note: string | undefined, tx: Tx): Snooze => {
  if (until <= tx.now) throw new Refused('snooze-in-the-past', 'Choose a time that is still to come.', 'until');
  const whenLate = tx.now >= dueAt;
  const limit = snoozeLimit(dueAt, tx.now, tx.hoursSnoozedWhenLate);
  if (until > limit) throw new Refused('snooze-too-long', whenLate ? `The task is late: it can be put aside for ${tx.hoursSnoozedWhenLate} hours at most.` : `The task is due at ${dueAt}: it cannot be put aside for longer.`, 'until');
  if (reason === 'other' && !note) throw new Refused('note-missing', 'Say in the note why it is put aside.', 'note');
  return { until, reason, ...(note ? { note } : {}), by: tx.actor, at: tx.now, whenLate };
};
