import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Discharge } from '../../domain/facts.js';

@Entity({ name: 'discharge' })
export class DischargeRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'jsonb' })
  body!: Discharge;
}
