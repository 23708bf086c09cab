import { Refused } from '@throughline/kernel/refused';
import type { Work } from '../domain/facts.js';
import type { Person } from '../domain/person.js';
import { isFinal, type Task } from '../domain/task.js';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

export interface TaskOf {
  readonly patientId: string;
  readonly taskId: string;
}

/** A person does something about a task that has not ended: what they did is kept, and all that follows from it is settled. */
export const workOnTask = async ({ patientId, taskId }: TaskOf, tx: Tx, change: (work: Work, task: Task, person: Person) => Work): Promise<void> => {
  const person = await tx.person(patientId);
  const task = person.tasks.find((known) => known.taskId === taskId);
  if (!task) throw new Refused('not-found', 'There is no such task.');
  if (isFinal(task)) throw new Refused('task-closed', `The task is ${task.status} already: read it again.`);
  const work = change(person.work.get(taskId) ?? {}, task, person);
  // Kept first and for itself: a new note on a task that stays as it is would be lost otherwise.
  tx.keepTask(task, work);
  settlePerson({ ...person, work: new Map(person.work).set(taskId, work) }, tx);
};
