import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who opened the worklist: whom a task can be given to. */
@Entity({ name: 'colleague' })
export class ColleagueRow {
  @PrimaryColumn({ type: 'text' })
  sub!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'jsonb' })
  roles!: readonly string[];

  @Column({ name: 'seen_at', type: 'timestamptz' })
  seenAt!: Date;
}
