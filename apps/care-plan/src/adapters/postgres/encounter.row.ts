import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Encounter } from '../../domain/facts.js';

@Entity({ name: 'encounter' })
export class EncounterRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'jsonb' })
  body!: Encounter;
}
