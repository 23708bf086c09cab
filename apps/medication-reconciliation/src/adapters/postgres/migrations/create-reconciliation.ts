import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class CreateReconciliation1767225600001 extends ForwardMigration {
  readonly name = 'CreateReconciliation1767225600001';
  readonly sql = `-- expand
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
  `;
}
