import type { PatientFact, Tx } from './ports.js';

/** Keeps the little this service needs to know of a patient. */
export const keepPatient = (patient: PatientFact, tx: Tx): void => tx.patients.put(patient);
