import { idOf } from '@throughline/kernel/ids';
import { recordDischarge as recorded, sameDischarge, type Discharge, type DischargeEvent } from '../domain/facts.js';
import { replaced } from '../domain/person.js';
import type { HistoryEntry, Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** A discharge was recorded, corrected or cancelled. */
export const recordDischarge = async (event: DischargeEvent, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  const known = person.discharges.find(({ dischargeId }) => dischargeId === event.data.dischargeId);
  const discharge = recorded(known, event);
  tx.keepDischarge(discharge);
  if (!known || !sameDischarge(known, discharge)) tx.tell(tell(event, known, discharge));
  settlePerson({ ...person, discharges: replaced(person.discharges, discharge, (other) => other.dischargeId === discharge.dischargeId) }, tx);
};

const tell = (event: DischargeEvent, known: Discharge | undefined, discharge: Discharge): HistoryEntry => ({
  id: idOf('history', event.id),
  patientId: discharge.patientId,
  kind: discharge.withdrawn ? 'discharge.withdrawn' : known ? 'discharge.corrected' : 'discharge.recorded',
  at: discharge.withdrawal?.at ?? (known ? event.time : discharge.dischargedAt),
  label: discharge.withdrawn ? 'Discharge cancelled' : known ? 'Discharge corrected' : 'Discharged from hospital',
  ...(discharge.notFollowedUp ? { detail: `no follow-up: ${discharge.notFollowedUp}` } : {}),
});
