import type { DataOf } from '@throughline/contracts/flow';
import { Entity } from 'typeorm';
import { KeptRow } from '../persistence/kept.row.js';

/** What intake says of a patient. */
export type PatientFact = DataOf<'care.patient.recorded.v1'>;

/** What a service keeps of it: all, or as little as it needs. */
export type KeptPatient = Pick<PatientFact, 'patientId'> & Partial<PatientFact>;

/** A service's own small projection of the patient, in its own schema. One that searches by more extends it with columns. */
@Entity({ name: 'patient' })
export class PatientFactRow extends KeptRow<KeptPatient> {}
