import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'two_persons' })
export class TwoPersonsRow {
  @PrimaryColumn('uuid') id!: string;
  @Column({ name: 'first_id', type: 'uuid' }) firstId!: string;
  @Column({ name: 'second_id', type: 'uuid' }) secondId!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'text' }) actor!: string;
  @Column({ type: 'text' }) reason!: string;
}
