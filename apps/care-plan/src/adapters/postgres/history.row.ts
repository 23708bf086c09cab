import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The timeline. Insert-only. */
@Entity({ name: 'history' })
export class HistoryRow {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'patient_id', type: 'uuid' })
  patientId!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;

  /** Order among what one transaction wrote. */
  @Column({ type: 'integer' })
  place!: number;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ type: 'text' })
  label!: string;

  @Column({ type: 'text', nullable: true })
  actor!: string | null;

  @Column({ type: 'text', nullable: true })
  detail!: string | null;

  @Column({ name: 'episode_id', type: 'uuid', nullable: true })
  episodeId!: string | null;

  @Column({ name: 'task_id', type: 'uuid', nullable: true })
  taskId!: string | null;
}
