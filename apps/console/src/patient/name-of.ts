import type { PatientName } from '../shapes.js';

/** A task may be due before anybody has said whose it is: it is shown all the same. */
export const nameOf = (patient: Pick<PatientName, 'name'>): string => patient.name ?? 'Name not received';
