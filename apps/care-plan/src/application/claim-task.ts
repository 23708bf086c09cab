import { Refused } from '@throughline/kernel/refused';
import { isFinal } from '../domain/task.js';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** A person takes a task on, or takes it over: whoever is away must not hold it. */
export const claimTask = async ({ patientId, taskId }: { patientId: string; taskId: string }, tx: Tx): Promise<void> => {
  const person = await tx.person(patientId);
  const task = person.tasks.find((known) => known.taskId === taskId);
  if (!task) throw new Refused('not-found', 'There is no such task.');
  if (isFinal(task)) throw new Refused('task-closed', `The task is ${task.status}: there is nothing left to take on.`);
  const work = { ...person.work.get(taskId), claim: { by: tx.actor, at: tx.now } };
  settlePerson({ ...person, work: new Map(person.work).set(taskId, work) }, tx);
};
