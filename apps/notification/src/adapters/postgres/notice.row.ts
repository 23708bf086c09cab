import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { Notice } from '../../domain/notice.js';

/** Without its number: the database gives it (see the migration). */
@Entity({ name: 'task_notice' })
export class NoticeRow extends KeptRow<Notice> {
  @Column({ type: 'timestamptz' })
  at!: Date;

  @Column({ type: 'text', nullable: true })
  traceparent!: string | null;
}
