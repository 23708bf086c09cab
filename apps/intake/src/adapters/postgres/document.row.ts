import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DocumentState } from '../../domain/document.js';

@Entity({ name: 'document' })
export class DocumentRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'bigint' }) version!: number;
  @Column({ type: 'jsonb' }) body!: DocumentState;
}
