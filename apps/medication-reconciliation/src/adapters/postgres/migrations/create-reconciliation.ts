import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateReconciliation1767225600001 implements MigrationInterface {
  readonly name = 'CreateReconciliation1767225600001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`-- expand
      create table patient (
        id uuid primary key,
        patient_id uuid not null,
        body jsonb not null
      );
      create index patient_patient on patient (patient_id);

      -- What each source said, as received. A line may wait here for the discharge it belongs to.
      create table medication_line (
        id uuid primary key,
        patient_id uuid not null,
        received_at timestamptz not null,
        body jsonb not null
      );
      create index medication_line_patient on medication_line (patient_id, received_at, id);

      create table reconciliation (
        id uuid primary key,
        patient_id uuid not null,
        discharge_id uuid not null unique,
        status text not null check (status in ('open', 'completed', 'withdrawn')),
        opened_at timestamptz not null,
        body jsonb not null
      );
      create index reconciliation_patient on reconciliation (patient_id);
      create index reconciliation_list on reconciliation (status, opened_at, id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
