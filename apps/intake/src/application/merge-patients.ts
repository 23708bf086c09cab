import { decideMerge } from '../domain/decide-persons.js';
import { renamed, together } from '../domain/person.js';
import type { Said } from '../domain/said.js';
import { learnAll } from './learn.js';
import type { IntakeTx, ResolvedMerge } from './ports.js';

type Merge = Said & { what: 'merge' };

export interface MergeOutcome {
  readonly outcome: 'merged' | 'update' | 'repeat';
  readonly reason?: 'merge-of-one';
  readonly flags: readonly string[];
}

const BY_WEIGHT = ['repeat', 'update', 'merged'] as const;

/** Every pair of the message, one after the other. Answers the weightiest of what became of them. */
export const mergePatients = async (said: Merge, inboundId: string, merges: readonly ResolvedMerge[], tx: IntakeTx): Promise<MergeOutcome> => {
  const outcomes: MergeOutcome[] = [];
  for (const [place, { into, retired }] of merges.entries()) {
    const first = await tx.person(into.patientId);
    const before = together([first, ...(await Promise.all(retired.map(({ patientId }) => tx.person(patientId))))]);
    const decision = decideMerge(before, said.merges[place]!, retired.map(({ patientId }) => patientId), said, inboundId, tx.rules);
    for (const [patientId, survivorId] of renamed(before, decision.person)) tx.nameAs(patientId, survivorId);
    tx.keep(before, decision.person);
    for (const one of [into, ...retired]) learnAll(one, tx);
    tx.publish(...decision.events);
    outcomes.push(decision as MergeOutcome);
  }
  const weight = ({ outcome }: MergeOutcome): number => BY_WEIGHT.indexOf(outcome);
  const weightiest = outcomes.reduce((best, next) => (weight(next) > weight(best) ? next : best));
  return { ...weightiest, flags: outcomes.flatMap(({ flags }) => flags) };
};
