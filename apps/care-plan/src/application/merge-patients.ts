import type { EventOf } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { settlePerson } from './settle-person.js';
import type { Tx } from './ports.js';

/** Two records are one person, or two again: what depends on the whole person is decided anew, from the facts. No row moves. */
export const mergePatients = async (event: EventOf<'care.patients.merged.v1'>, tx: Tx): Promise<void> => {
  const { patientId, survivorId, together } = event.data;
  const retired = survivorId !== patientId;
  if (retired || together.length === 1)
    tx.tell({
      id: idOf('history', event.id), patientId, at: event.time,
      kind: retired ? 'patient.merged' : 'patient.parted', label: retired ? 'Record merged into another' : 'Record stands by itself again',
    });
  for (const id of tx.nameAs(patientId, survivorId)) settlePerson(await tx.person(id), tx);
};
