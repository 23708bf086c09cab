import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Reconciliation } from '../../domain/reconciliation.js';

@Entity({ name: 'reconciliation' })
export class ReconciliationRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ name: 'discharge_id', type: 'uuid' })
  dischargeId!: string;

  @Column({ type: 'text' })
  status!: Reconciliation['status'];

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;

  @Column({ type: 'jsonb' })
  body!: Reconciliation;
}
