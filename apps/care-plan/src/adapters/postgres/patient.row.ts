import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Patient } from '../../application/ports.js';

@Entity({ name: 'patient' })
export class PatientRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  /** Names and record number as they are searched: folded to lower case, without accents. */
  @Column({ name: 'family_key', type: 'text' })
  familyKey!: string;

  @Column({ name: 'given_key', type: 'text' })
  givenKey!: string;

  @Column({ name: 'record_key', type: 'text', nullable: true })
  recordKey!: string | null;

  @Column({ type: 'jsonb' })
  body!: Patient;
}

export const searchKey = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .trim();
