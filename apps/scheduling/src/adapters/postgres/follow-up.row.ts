import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { FollowUp } from '../../domain/follow-up.js';

@Entity({ name: 'follow_up' })
export class FollowUpRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ name: 'discharge_id', type: 'uuid' })
  dischargeId!: string;

  @Column({ type: 'text' })
  status!: FollowUp['status'];

  @Column({ name: 'due_at', type: 'timestamptz' })
  dueAt!: Date;

  @Column({ type: 'jsonb' })
  body!: FollowUp;
}
