import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class TwoPersons1767225600025 extends ForwardMigration {
  readonly name = 'TwoPersons1767225600025';
  readonly sql = `-- expand
    -- Records that look like one patient's, and of which a person said that they are two.
    create table two_persons (
      id uuid primary key,
      first_id uuid not null,
      second_id uuid not null,
      at timestamptz not null,
      actor text not null,
      reason text not null,
      check (first_id < second_id)
    );
    create unique index two_persons_pair on two_persons (first_id, second_id);
  `;
}
