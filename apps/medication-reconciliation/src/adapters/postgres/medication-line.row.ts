import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MedicationLine } from '../../domain/medication-line.js';

@Entity({ name: 'medication_line' })
export class MedicationLineRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ name: 'received_at', type: 'timestamptz' })
  receivedAt!: Date;

  @Column({ type: 'jsonb' })
  body!: MedicationLine;
}
