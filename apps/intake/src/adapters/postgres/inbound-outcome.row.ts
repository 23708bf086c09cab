import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Outcome, Source } from '../../domain/said.js';

/** What became of an accepted message. Written once; its id is the message's. */
@Entity({ name: 'inbound_outcome' })
export class InboundOutcomeRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'text' }) outcome!: Outcome;
  @Column({ type: 'text', nullable: true }) reason!: string | null;
  @Column({ name: 'encounter_id', type: 'uuid', nullable: true }) encounterId!: string | null;
  @Column({ name: 'discharge_id', type: 'uuid', nullable: true }) dischargeId!: string | null;
  @Column({ name: 'discharged_at', type: 'timestamptz', nullable: true }) dischargedAt!: Date | null;
  @Column({ name: 'time_source', type: 'text' }) timeSource!: Source;
  @Column({ type: 'jsonb' }) flags!: readonly string[];
}
