import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { Message } from '../../domain/message.js';

@Entity({ name: 'message' })
export class MessageRow extends KeptRow<Message> {
  @Column({ type: 'text' })
  kind!: Message['kind'];

  @Column({ type: 'text' })
  state!: Message['state'];

  /** `planned`: when to send; `sending`: when the lease runs out; else nothing is due. */
  @Column({ name: 'due_at', type: 'timestamptz', nullable: true })
  dueAt!: Date | null;

  @Column({ name: 'planned_at', type: 'timestamptz' })
  plannedAt!: Date;
}
