import { ForwardMigration } from './forward-migration.js';

const TABLES = `-- expand
-- One row per patient key. Its lock makes one writer per person and service; seq numbers the key's events.
create table stream (
  key uuid primary key,
  seq bigint not null
) with (fillfactor = 70);

-- Which patient ids name the same person. Rows and keys never move: the survivor is resolved here, at read.
create table patient_alias (
  patient_id uuid primary key,
  survivor_id uuid not null,
  check (patient_id <> survivor_id)
);
create index patient_alias_survivor on patient_alias (survivor_id);

-- Next offset per topic and partition, moved in the batch's own transaction.
-- clean = false while a copy (owner) reads: found so at start, its reader was killed.
create table position (
  topic text not null,
  partition integer not null,
  next_offset bigint not null,
  cluster_id text,
  last_event_id text,
  clean boolean not null default true,
  owner text,
  primary key (topic, partition)
) with (fillfactor = 50);

-- Messages already taken, whatever became of them. Kept 35 days, longer than the topics.
create table inbox (
  id uuid primary key,
  at timestamptz not null
);
create index inbox_at on inbox using brin (at);

-- The last version applied per subject, as its publisher (topic) counts: older or equal ones change nothing.
create table applied (
  topic text not null,
  subject text not null,
  version bigint not null,
  primary key (topic, subject)
) with (fillfactor = 80);

-- Events not yet published. Under the stream lock, ids agree with commit order per key.
create table outbox (
  id bigint generated always as identity primary key,
  event_id uuid not null unique,
  key uuid not null,
  seq bigint not null,
  type text not null,
  headers jsonb not null,
  value text not null,
  at timestamptz not null
);

-- Alarms not yet handed to the job queue. Asking twice is asking once.
create table job_request (
  id bigint generated always as identity primary key,
  name text not null,
  row_id uuid not null,
  patient_id uuid not null,
  due_at timestamptz not null,
  at timestamptz not null,
  unique (name, row_id, due_at)
);

-- Messages that could not be handled, whole, in the order they came. state: parked (a person decides),
-- waiting (tried again by itself at next_at), behind (follows an earlier one of its keys), discarded.
-- record is the message as JSON text, because jsonb and text refuse bytes that a bad message may hold.
create table parked (
  id bigint generated always as identity primary key,
  topic text not null,
  partition integer not null,
  log_offset bigint,
  key text,
  keys jsonb not null,
  event_id uuid,
  type text,
  correlation_id text,
  record text not null,
  state text not null check (state in ('parked', 'waiting', 'behind', 'discarded')),
  reason text not null,
  detail text,
  tries integer not null,
  next_at timestamptz,
  at timestamptz not null,
  discarded_by text,
  discard_reason text
);
create index parked_live on parked (topic, id) where state <> 'discarded';
create index parked_keys on parked using gin (keys) where state <> 'discarded';

-- Single tries, counted in a row committed before each: begun and not ended means the process died in it.
create table attempt (
  topic text not null,
  partition integer not null,
  log_offset bigint not null,
  tries integer not null,
  failures integer not null,
  primary key (topic, partition, log_offset)
);

-- How messages ended that had no effect but must be countable: refused, replayed, discarded, with the reason.
create table outcome (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  topic text not null,
  partition integer not null,
  log_offset bigint,
  event_id uuid,
  type text,
  subject text,
  correlation_id text,
  outcome text not null,
  reason text not null
);

-- Every HTTP write: the same key and body gets the stored answer. Kept 30 days; no patient data in the answer.
create table command (
  actor text not null,
  idempotency_key text not null,
  body_hash text not null,
  status integer not null,
  answer jsonb,
  command_id uuid not null,
  at timestamptz not null,
  primary key (actor, idempotency_key)
);
create index command_at on command using brin (at);

-- Every read and write of patient data.
create table audit (
  id uuid primary key,
  at timestamptz not null,
  actor text not null,
  roles jsonb not null,
  action text not null,
  resource text not null,
  patient_id uuid,
  subject text,
  outcome text not null,
  correlation_id text
);
create index audit_patient on audit (patient_id, at) where patient_id is not null;
create index audit_at on audit using brin (at);

-- Heads of logs kept in tables (intake's inbound messages, notification's task stream). The row is locked last in
-- the appending transaction, so that offsets become visible in order and without gaps; a sequence gives neither.
create table log_head (
  log text primary key,
  next_offset bigint not null
) with (fillfactor = 50);
`;

/** The platform's own tables; they stand in every service's schema, before the service's. */
export class PlatformTables1700000000000 extends ForwardMigration {
  readonly name = 'PlatformTables1700000000000';
  readonly sql = TABLES;
}
