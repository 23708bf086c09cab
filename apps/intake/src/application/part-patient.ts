import { Refused } from '@throughline/kernel/refused';
import { decideParting } from '../domain/decide-persons.js';
import { mergesInForce } from '../domain/merge.js';
import { renamed } from '../domain/person.js';
import { chaseSummaries } from './chase-summaries.js';
import type { IntakeTx } from './ports.js';

export interface PartPatient {
  /** Of the record that was taken over. */
  readonly patientId: string;
  /** When a person said so, ISO 8601 in UTC. */
  readonly at: string;
  readonly commandId: string;
  readonly actor: string;
  readonly reason: string;
}

export interface Parted {
  readonly patientId: string;
  /** Whose the record was said to be. */
  readonly was: string;
}

/** The record is another person's after all. From the facts it is decided anew what holds for each of the two. */
export const partPatient = async ({ patientId, at, commandId, actor, reason }: PartPatient, tx: IntakeTx): Promise<Parted> => {
  const before = await tx.person(patientId);
  const was = mergesInForce(before.patient).at(-1)?.into;
  if (was === undefined) throw new Refused<'not-merged'>('not-merged', 'No other record took this one over. Name the record that was taken over: `records` of the patient lists them.');
  const { person, events } = decideParting(before, { at, receivedAt: at, by: commandId, actor, reason }, tx.rules);
  for (const [id, survivorId] of renamed(before, person)) tx.nameAs(id, survivorId);
  tx.keep(before, person);
  tx.publish(...events);
  await chaseSummaries(tx);
  return { patientId, was };
};
