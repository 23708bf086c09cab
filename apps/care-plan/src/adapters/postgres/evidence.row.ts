import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Evidence } from '../../domain/facts.js';

@Entity({ name: 'evidence' })
export class EvidenceRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'jsonb' })
  body!: Evidence;
}
