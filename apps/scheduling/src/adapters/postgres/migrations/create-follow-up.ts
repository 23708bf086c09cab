import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class CreateFollowUp1767225600002 extends ForwardMigration {
  readonly name = 'CreateFollowUp1767225600002';
  readonly sql = `-- expand
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
  `;
}
