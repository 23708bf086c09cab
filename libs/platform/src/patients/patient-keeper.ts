import type { Unit } from '../persistence/unit.js';
import type { KeepsPatients } from './patient-events.js';
import { PatientFactRow, type KeptPatient, type PatientFact } from './patient-fact.row.js';

/** `keepPatient` of a service's `Tx`. `little` is for a service that must not hold all that intake says. */
export const patientKeeper =
  (unit: Pick<Unit, 'rows'>, little: (said: PatientFact) => KeptPatient = (said) => said): KeepsPatients['keepPatient'] =>
  (said) =>
    unit.rows(PatientFactRow).put({ id: said.patientId, patientId: said.patientId, body: little(said) });
