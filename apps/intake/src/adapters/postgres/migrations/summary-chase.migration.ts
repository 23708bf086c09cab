import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class SummaryChase1767225600024 extends ForwardMigration {
  readonly name = 'SummaryChase1767225600024';
  readonly sql = `-- expand
    -- Searches for discharge summaries at the configured source: one per discharge that came without.
    create table summary_chase (
      id uuid primary key,
      patient_id uuid not null,
      status text not null,
      since timestamptz not null,
      -- When to ask next; null: nobody asks any more.
      due_at timestamptz,
      body jsonb not null
    );
    create index summary_chase_patient on summary_chase (patient_id);
    create index summary_chase_due on summary_chase (due_at) where due_at is not null;
    create index summary_chase_since on summary_chase (since, id);
  `;
}
