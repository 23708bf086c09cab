import type { EventOf } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { recordEncounter as recorded, withdrawEncounter as withdrawn, type Encounter } from '../domain/facts.js';
import { replaced, type Person } from '../domain/person.js';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** A stay in hospital began or changed: a person in hospital again is not to be called at home. */
export const recordEncounter = async (event: EventOf<'care.encounter.recorded.v1'>, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  const encounter = recorded(event);
  const known = person.encounters.find(({ encounterId }) => encounterId === encounter.encounterId);
  tx.keepEncounter(encounter);
  if (encounter.status === 'admitted' && known?.status !== 'admitted') {
    tx.tell({ id: idOf('history', event.id), patientId: encounter.patientId, kind: 'encounter.admitted', at: encounter.admittedAt ?? event.time, label: 'Admitted to hospital' });
  }
  settlePerson(withEncounter(person, encounter), tx);
};

const withEncounter = (person: Person, encounter: Encounter): Person => ({
  ...person,
  encounters: replaced(person.encounters, encounter, (other) => other.encounterId === encounter.encounterId),
});

/** The stay was none: nobody is in hospital by it. */
export const withdrawEncounter = async (event: EventOf<'care.encounter.withdrawn.v1'>, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  const encounter = withdrawn(event);
  const known = person.encounters.find(({ encounterId }) => encounterId === encounter.encounterId);
  tx.keepEncounter(encounter);
  if (known?.status !== 'withdrawn') tx.tell({ id: idOf('history', event.id), patientId: encounter.patientId, kind: 'encounter.withdrawn', at: event.time, label: 'Hospital stay cancelled' });
  settlePerson(withEncounter(person, encounter), tx);
};
