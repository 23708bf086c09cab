import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PatientState } from '../../domain/patient.js';

@Entity({ name: 'patient' })
export class PatientRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'bigint' }) version!: number;
  /** Family and given name, lower case, for searching. */
  @Column({ name: 'search_name', type: 'text' }) searchName!: string;
  @Column({ type: 'jsonb' }) body!: PatientState;
}
