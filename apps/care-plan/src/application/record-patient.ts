import type { EventOf } from '@throughline/contracts/flow';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** Who the patient is. That they died ends the follow-up of a referral: of a discharge, intake says by itself that none is owed. */
export const recordPatient = async ({ data }: EventOf<'care.patient.recorded.v1'>, tx: Tx): Promise<void> => {
  const had = await tx.hasDied(data.patientId);
  tx.keepPatient(data);
  // Nearly always nothing else follows: who the patient is, is asked alone.
  if (had === data.deceased) return;
  const person = await tx.person(data.patientId);
  const others = person.deceased.filter((id) => id !== data.patientId);
  settlePerson({ ...person, deceased: data.deceased ? [...others, data.patientId] : others }, tx);
};
