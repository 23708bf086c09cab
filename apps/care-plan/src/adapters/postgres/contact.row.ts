import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Contact } from '../../domain/facts.js';

@Entity({ name: 'contact' })
export class ContactRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'jsonb' })
  body!: Contact;
}
