import type { Work } from '../domain/facts.js';
import { endSnooze } from '../domain/snooze.js';
import type { Tx } from './ports.js';
import { workOnTask, type TaskOf } from './work-on-task.js';

export interface Assignment extends TaskOf {
  /** `sub` of who has it from now on; absent: its team again. */
  readonly to?: string | undefined;
}

/** A task is given to a person, or back to its team. */
export const assignTask = (task: Assignment, tx: Tx): Promise<void> => workOnTask(task, tx, (work) => handedTo(task.to, work, tx));

/** A person takes a task on, or takes it over: whoever is away must not hold it. */
export const claimTask = (task: TaskOf, tx: Tx): Promise<void> => assignTask({ ...task, to: tx.actor }, tx);

const handedTo = (to: string | undefined, work: Work, tx: Pick<Tx, 'actor' | 'now'>): Work => {
  const { snooze, ...rest } = work;
  // Whoever gets a task sees it: that another put it aside ends with it.
  const kept = snooze && (snooze.by === to ? snooze : endSnooze(snooze, tx.now, tx.actor));
  const claim = { ...(to === undefined ? {} : { by: to }), at: tx.now, ...(to === tx.actor ? {} : { givenBy: tx.actor }) };
  return { ...rest, ...(kept ? { snooze: kept } : {}), claim };
};
