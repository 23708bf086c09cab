import { decide, type Decision, type OfOnePerson } from '../domain/decide.js';
import type { Person } from '../domain/person.js';
import { learnAll } from './learn.js';
import type { IntakeTx, Resolved } from './ports.js';

/** What a message says of the person beside its own matter: taken as an update would be. */
export const updatePerson = async (said: OfOnePerson & { what: 'update' }, by: string, who: Resolved, tx: IntakeTx): Promise<Pick<Decision, 'person' | 'flags'>> => {
  const before = await tx.person(who.patientId);
  const { person, events, flags } = decide(before, said, by, tx.rules);
  tx.keep(before, person);
  learnAll(who, tx);
  tx.publish(...events);
  return { person, flags };
};

export interface Found<State> {
  readonly id: string;
  readonly patientId: string;
  readonly known?: State;
}

/** What is kept under whichever of the person's records it was first heard of; else its name under the one that is spoken of. */
export const underAnyRecord = async <State>(
  { patient, others }: Person,
  nameOf: (patientId: string) => string,
  read: (patientId: string, id: string) => Promise<State | undefined>,
): Promise<Found<State>> => {
  for (const { patientId } of [patient, ...others]) {
    const id = nameOf(patientId);
    const known = await read(patientId, id);
    if (known) return { id, patientId, known };
  }
  return { id: nameOf(patient.patientId), patientId: patient.patientId };
};
