import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { Reconciliation } from '../../domain/reconciliation.js';

@Entity({ name: 'reconciliation' })
export class ReconciliationRow extends KeptRow<Reconciliation> {
  @Column({ name: 'discharge_id', type: 'uuid' })
  dischargeId!: string;

  @Column({ type: 'text' })
  status!: Reconciliation['status'];

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;
}
