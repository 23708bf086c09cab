import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DischargeState } from '../../domain/stay.js';

@Entity({ name: 'discharge' })
export class DischargeRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'bigint' }) version!: number;
  @Column({ type: 'jsonb' }) body!: DischargeState;
}
