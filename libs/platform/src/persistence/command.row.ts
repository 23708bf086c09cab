import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One HTTP write that was answered. The same actor, key and body gets the stored answer again. */
@Entity({ name: 'command' })
export class CommandRow {
  @PrimaryColumn({ type: 'text' })
  actor!: string;

  @PrimaryColumn({ name: 'idempotency_key', type: 'text' })
  idempotencyKey!: string;

  @Column({ name: 'body_hash', type: 'text' })
  bodyHash!: string;

  @Column({ type: 'integer' })
  status!: number;

  /** Ids and codes only. */
  @Column({ type: 'jsonb', nullable: true })
  answer!: unknown;

  /** The `causationid` of the events it caused. */
  @Column({ name: 'command_id', type: 'uuid' })
  commandId!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;
}
