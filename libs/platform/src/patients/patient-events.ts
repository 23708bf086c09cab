import type { EventOf } from '@throughline/contracts/flow';
import type { PatientFact } from './patient-fact.row.js';

/** What a service's `Tx` has to offer for it. */
export interface KeepsPatients {
  keepPatient(patient: PatientFact): void;
  /**
   * From now on the record goes by `survivorId`, or by its own id again. Answers ids of everybody whose facts are other ones by
   * that: what is decided by the whole person has to be decided again for each.
   */
  nameAs(patientId: string, survivorId: string): readonly string[];
}

/** Handlers of intake's patient events, to be spread into the `consumes` of every service that keeps patients. */
export const patientEvents = {
  'care.patient.recorded.v1': async ({ data }: EventOf<'care.patient.recorded.v1'>, tx: KeepsPatients): Promise<void> => tx.keepPatient(data),
  'care.patients.merged.v1': async ({ data }: EventOf<'care.patients.merged.v1'>, tx: KeepsPatients): Promise<void> => void tx.nameAs(data.patientId, data.survivorId),
};
