import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { FollowUp } from '../../domain/follow-up.js';

@Entity({ name: 'follow_up' })
export class FollowUpRow extends KeptRow<FollowUp> {
  @Column({ name: 'discharge_id', type: 'uuid' })
  dischargeId!: string;

  @Column({ type: 'text' })
  status!: FollowUp['status'];

  @Column({ name: 'due_at', type: 'timestamptz' })
  dueAt!: Date;
}
