import type { EventOf } from '@throughline/contracts/flow';
import type { PatientFact } from './patient-fact.row.js';

/** What a service's `Tx` has to offer for it. */
export interface KeepsPatients {
  keepPatient(patient: PatientFact): void;
}

/** Handlers of intake's patient events, to be spread into the `consumes` of every service that keeps patients. */
export const patientEvents = {
  'care.patient.recorded.v1': async ({ data }: EventOf<'care.patient.recorded.v1'>, tx: KeepsPatients): Promise<void> => tx.keepPatient(data),
};
