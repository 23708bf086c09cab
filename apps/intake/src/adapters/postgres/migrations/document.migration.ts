import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class Document1767225600020 extends ForwardMigration {
  readonly name = 'Document1767225600020';
  readonly sql = `-- expand
    -- Documents about patients: what is known of each. The text is in the inbound message.
    create table document (
      id uuid primary key,
      patient_id uuid not null,
      version bigint not null,
      body jsonb not null
    );
    create index document_patient on document (patient_id);
  `;
}
