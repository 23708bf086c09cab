import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PatientFact } from '../../application/ports.js';

@Entity({ name: 'patient' })
export class PatientFactRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'jsonb' })
  body!: PatientFact;
}
