import { PatientFactRow } from '@throughline/platform/patients/patient-fact.row';
import { Column, Entity } from 'typeorm';

/** The projection of the patient, with what a coordinator finds them by. */
@Entity({ name: 'patient' })
export class PatientRow extends PatientFactRow {
  /** Names and record number as they are searched: folded to lower case, without accents. */
  @Column({ name: 'family_key', type: 'text' })
  familyKey!: string;

  @Column({ name: 'given_key', type: 'text' })
  givenKey!: string;

  @Column({ name: 'record_key', type: 'text', nullable: true })
  recordKey!: string | null;
}

export const searchKey = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .trim();
