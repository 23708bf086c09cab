import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EncounterState } from '../../domain/stay.js';

@Entity({ name: 'encounter' })
export class EncounterRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'bigint' }) version!: number;
  @Column({ type: 'jsonb' }) body!: EncounterState;
}
