import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { SummaryChase } from '../../domain/summary-chase.js';

@Entity({ name: 'summary_chase' })
export class SummaryChaseRow extends KeptRow<SummaryChase> {
  @Column({ type: 'text' })
  status!: SummaryChase['status'];

  @Column({ type: 'timestamptz' })
  since!: Date;

  @Column({ name: 'due_at', type: 'timestamptz', nullable: true })
  dueAt!: Date | null;
}
