import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Message } from '../../domain/message.js';

@Entity({ name: 'message' })
export class MessageRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'text' })
  kind!: Message['kind'];

  @Column({ type: 'text' })
  state!: Message['state'];

  /** `planned`: when to send; `sending`: when the lease runs out; else nothing is due. */
  @Column({ name: 'due_at', type: 'timestamptz', nullable: true })
  dueAt!: Date | null;

  @Column({ name: 'planned_at', type: 'timestamptz' })
  plannedAt!: Date;

  @Column({ type: 'jsonb' })
  body!: Message;
}
