import type { PatientFact, Tx } from './ports.js';

/** Keeps who the patient is, so that lists can say a name without asking another service. */
export const keepPatient = (patient: PatientFact, tx: Tx): void => tx.patients.put(patient);
