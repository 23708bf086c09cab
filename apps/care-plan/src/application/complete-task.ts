import { Refused } from '@throughline/kernel/refused';
import { contactsFor } from '../domain/clearing.js';
import type { Work } from '../domain/facts.js';
import { occasionsOf } from '../domain/occasion.js';
import type { Person } from '../domain/person.js';
import { pinnedProtocol, stepOf } from '../domain/protocol.js';
import type { Task } from '../domain/task.js';
import type { Tx } from './ports.js';
import { workOnTask, type TaskOf } from './work-on-task.js';

export interface Completion extends TaskOf {
  /** One of the step's outcomes. */
  readonly outcome: string;
  readonly note?: string | undefined;
}

/** A person says that a task is done, and how. */
export const completeTask = ({ outcome, note, ...task }: Completion, tx: Tx): Promise<void> =>
  workOnTask(task, tx, (work, known, person): Work => {
    mustBeAllowed(outcome, known, person, tx);
    return { ...work, completion: { code: outcome, at: tx.now, by: tx.actor, ...(note ? { note } : {}) } };
  });

const mustBeAllowed = (outcome: string, task: Task, person: Person, tx: Tx): void => {
  const step = stepOf(pinnedProtocol(tx.reference.protocols, task.protocol), task.stepId);
  const chosen = step?.outcomes.find(({ code }) => code === outcome);
  if (!chosen) throw new Refused('unknown-outcome', `It has to be one of: ${step?.outcomes.map(({ code }) => code).join(', ')}.`, 'outcome');
  const occasions = occasionsOf(person);
  const occasion = occasions.find(({ episodeId }) => episodeId === task.episodeId)!;
  if (contactsFor(occasion, occasions, person.contacts).length < (chosen.attemptsNeeded ?? 0)) {
    throw new Refused('attempts-missing', `Record ${chosen.attemptsNeeded} attempts as contacts first: this outcome says that they are documented.`, 'outcome');
  }
};
