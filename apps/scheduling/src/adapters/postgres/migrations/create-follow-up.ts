import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateFollowUp1767225600002 implements MigrationInterface {
  readonly name = 'CreateFollowUp1767225600002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`-- expand
      create table patient (
        id uuid primary key,
        patient_id uuid not null,
        body jsonb not null
      );
      create index patient_patient on patient (patient_id);

      create table follow_up (
        id uuid primary key,
        patient_id uuid not null,
        discharge_id uuid not null unique,
        status text not null check (status in ('requested', 'booked', 'withdrawn')),
        due_at timestamptz not null,
        body jsonb not null
      );
      create index follow_up_patient on follow_up (patient_id);
      create index follow_up_list on follow_up (status, due_at, id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
