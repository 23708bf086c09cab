import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PrescriptionState } from '../../domain/prescription.js';

@Entity({ name: 'prescription' })
export class PrescriptionRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'bigint' }) version!: number;
  @Column({ type: 'jsonb' }) body!: PrescriptionState;
}
