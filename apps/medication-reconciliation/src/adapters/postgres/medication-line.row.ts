import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { MedicationLine } from '../../domain/medication-line.js';

@Entity({ name: 'medication_line' })
export class MedicationLineRow extends KeptRow<MedicationLine> {
  @Column({ name: 'received_at', type: 'timestamptz' })
  receivedAt!: Date;
}
