import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { Episode } from '../../domain/episode.js';

@Entity({ name: 'episode' })
export class EpisodeRow extends KeptRow<Episode> {
  /** What it is about: one of both. */
  @Column({ name: 'discharge_id', type: 'uuid', nullable: true })
  dischargeId!: string | null;

  @Column({ name: 'referral_id', type: 'uuid', nullable: true })
  referralId!: string | null;

  @Column({ type: 'text' })
  status!: Episode['status'];

  @Column({ name: 'protocol_id', type: 'text' })
  protocolId!: string;

  @Column({ name: 'protocol_version', type: 'text' })
  protocolVersion!: string;

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;

  @Column({ name: 'correlation_id', type: 'text' })
  correlationId!: string;

  @Column({ type: 'integer' })
  version!: number;
}
