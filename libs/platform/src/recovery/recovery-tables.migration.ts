import { ForwardMigration } from '../persistence/forward-migration.js';

const TABLES = `-- expand
-- Recoveries from an older copy of the database, each asked for by an operator. ended_at null: under way, and gone on with
-- by whichever copy of the service comes up.
create table recovery (
  id bigint generated always as identity primary key,
  asked_by text not null,
  correlation_id text not null,
  begun_at timestamptz not null,
  restored integer not null default 0,
  ended_at timestamptz
);
create unique index recovery_one_at_a_time on recovery ((true)) where ended_at is null;

-- What could not be had again, fact by fact.
create table recovery_loss (
  id bigint generated always as identity primary key,
  recovery_id bigint not null references recovery,
  type text not null,
  subject text not null,
  patient_id uuid,
  at text,
  what text not null
);

-- Patients whose facts changed during a recovery, until what depends on the whole person was made to agree.
create table recovering_person (
  id uuid primary key
);

-- Events of other services that the lost rows had been made from: the topics read again, they are not acted on again.
create table recovering_event (
  id uuid primary key
);
`;

export class RecoveryTables1700000000002 extends ForwardMigration {
  readonly name = 'RecoveryTables1700000000002';
  readonly sql = TABLES;
}
