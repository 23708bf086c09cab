import { Column, Entity } from 'typeorm';
import type { PatientState } from '../../domain/patient.js';
import { VersionedRow } from './versioned.row.js';

@Entity({ name: 'patient' })
export class PatientRow extends VersionedRow<PatientState> {
  /** Family and given name, lower case, for searching. */
  @Column({ name: 'search_name', type: 'text' }) searchName!: string;
}
