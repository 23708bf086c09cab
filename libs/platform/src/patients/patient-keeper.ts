import type { Unit } from '../persistence/unit.js';
import type { KeepsPatients } from './patient-events.js';
import { PatientFactRow, type KeptPatient, type PatientFact } from './patient-fact.row.js';

/** `nameAs` of a service's `Tx`. */
export const namesPatients =
  (unit: Pick<Unit, 'nameAs' | 'person'>): KeepsPatients['nameAs'] =>
  (patientId, survivorId) => {
    const before = unit.person(patientId);
    unit.nameAs(patientId, survivorId);
    const now = unit.person(patientId);
    return [patientId, ...before.filter((id) => !now.includes(id))];
  };

/** What a service's `Tx` has to offer for `patientEvents`. `little` is for a service that must not hold all that intake says. */
export const keepsPatients = (unit: Pick<Unit, 'rows' | 'nameAs' | 'person'>, little: (said: PatientFact) => KeptPatient = (said) => said): KeepsPatients => ({
  keepPatient: (said) => unit.rows(PatientFactRow).put({ id: said.patientId, patientId: said.patientId, body: little(said) }),
  nameAs: namesPatients(unit),
});
