import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Notice } from '../../domain/notice.js';

/** Without its number: the database gives it (see the migration). */
@Entity({ name: 'task_notice' })
export class NoticeRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'jsonb' })
  body!: Notice;
}
