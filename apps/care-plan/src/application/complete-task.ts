import { Refused } from '@throughline/kernel/refused';
import { contactsFor } from '../domain/person.js';
import { pinnedProtocol, stepOf } from '../domain/protocol.js';
import { isFinal } from '../domain/task.js';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

export interface Completion {
  readonly patientId: string;
  readonly taskId: string;
  /** One of the step's outcomes. */
  readonly outcome: string;
  readonly note?: string | undefined;
}

/** A person says that a task is done, and how. */
export const completeTask = async ({ patientId, taskId, outcome, note }: Completion, tx: Tx): Promise<void> => {
  const person = await tx.person(patientId);
  const task = person.tasks.find((known) => known.taskId === taskId);
  if (!task) throw new Refused('not-found', 'There is no such task.');
  if (isFinal(task)) throw new Refused('task-closed', `The task is ${task.status} already: read it again.`);
  const step = stepOf(pinnedProtocol(tx.reference.protocols, task.protocol), task.stepId);
  const chosen = step?.outcomes.find(({ code }) => code === outcome);
  if (!chosen) throw new Refused('unknown-outcome', `It has to be one of: ${step?.outcomes.map(({ code }) => code).join(', ')}.`, 'outcome');
  const discharge = person.discharges.find(({ dischargeId }) => dischargeId === task.dischargeId)!;
  if (contactsFor(discharge, task.episodeId, person).length < (chosen.attemptsNeeded ?? 0)) {
    throw new Refused('attempts-missing', `Record ${chosen.attemptsNeeded} attempts as contacts first: this outcome says that they are documented.`, 'outcome');
  }
  const work = { ...person.work.get(taskId), completion: { code: outcome, at: tx.now, by: tx.actor, ...(note ? { note } : {}) } };
  settlePerson({ ...person, work: new Map(person.work).set(taskId, work) }, tx);
};
