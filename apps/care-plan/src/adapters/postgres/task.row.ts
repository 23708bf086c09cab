import { KeptRow } from '@throughline/platform/persistence/kept.row';
import { Column, Entity } from 'typeorm';
import type { Work } from '../../domain/facts.js';
import type { Task } from '../../domain/task.js';

@Entity({ name: 'task' })
export class TaskRow extends KeptRow<Task> {
  @Column({ name: 'episode_id', type: 'uuid' })
  episodeId!: string;

  /** What it is about: one of both. */
  @Column({ name: 'discharge_id', type: 'uuid', nullable: true })
  dischargeId!: string | null;

  @Column({ name: 'referral_id', type: 'uuid', nullable: true })
  referralId!: string | null;

  @Column({ name: 'step_id', type: 'text' })
  stepId!: string;

  @Column({ type: 'text' })
  status!: Task['status'];

  @Column({ type: 'text' })
  team!: string;

  @Column({ type: 'text', nullable: true })
  assignee!: string | null;

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;

  @Column({ name: 'due_at', type: 'timestamptz' })
  dueAt!: Date;

  /** Set while a task is aside; one that has passed counts as none, whatever the clock's job is late by. */
  @Column({ name: 'snoozed_until', type: 'timestamptz', nullable: true })
  snoozedUntil!: Date | null;

  /** Which job has to look at it next, and when; null while nothing more can happen by itself. */
  @Column({ name: 'wake_job', type: 'text', nullable: true })
  wakeJob!: string | null;

  @Column({ name: 'next_wake_at', type: 'timestamptz', nullable: true })
  nextWakeAt!: Date | null;

  @Column({ name: 'correlation_id', type: 'text' })
  correlationId!: string;

  @Column({ type: 'integer' })
  version!: number;

  /** What people did on it, their notes included. */
  @Column({ type: 'jsonb' })
  work!: Work;
}
