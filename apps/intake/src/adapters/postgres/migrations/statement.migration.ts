import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class Statement1767225600022 extends ForwardMigration {
  readonly name = 'Statement1767225600022';
  readonly sql = `-- expand
    -- What sources state beside stays, medicines and documents: tests, conditions, allergies, appointments, coverage.
    create table statement (
      id uuid primary key,
      patient_id uuid not null,
      version bigint not null,
      body jsonb not null
    );
    create index statement_patient on statement (patient_id);
    create index statement_referral on statement (id) where body -> 'said' ->> 'kind' = 'referral';
  `;
}
