import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Identifier } from '../../domain/said.js';

/** A number and the person it names. Its id follows from kind, authority and value. */
@Entity({ name: 'identifier' })
export class IdentifierRow {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ name: 'patient_id', type: 'uuid' }) patientId!: string;
  @Column({ type: 'text' }) kind!: Identifier['kind'];
  @Column({ type: 'text' }) authority!: string;
  @Column({ type: 'text' }) value!: string;
}
