import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class CarePlanTables1767225600000 extends ForwardMigration {
  readonly name = 'CarePlanTables1767225600000';
  readonly sql = `-- expand
    -- The worklist's search. The table is as new as this.
    alter table patient
      add column family_key text not null,
      add column given_key text not null,
      add column record_key text;
    create index patient_family on patient (family_key text_pattern_ops);
    create index patient_given on patient (given_key text_pattern_ops);
    create index patient_record on patient (record_key text_pattern_ops);

    -- Facts, as others stated them and as people recorded them.
    create table discharge (id uuid primary key, patient_id uuid not null, body jsonb not null);
    create index discharge_patient on discharge (patient_id);
    create table encounter (id uuid primary key, patient_id uuid not null, body jsonb not null);
    create index encounter_patient on encounter (patient_id);
    create table evidence (id uuid primary key, patient_id uuid not null, body jsonb not null);
    create index evidence_patient on evidence (patient_id);
    create table contact (id uuid primary key, patient_id uuid not null, body jsonb not null);
    create index contact_patient on contact (patient_id);

    -- What was made of them.
    create table episode (
      id uuid primary key,
      patient_id uuid not null,
      discharge_id uuid not null unique,
      status text not null,
      protocol_id text not null,
      protocol_version text not null,
      opened_at timestamptz not null,
      correlation_id text not null,
      version integer not null,
      body jsonb not null
    ) with (fillfactor = 80);
    create index episode_patient on episode (patient_id);
    create index episode_list on episode (opened_at, id);

    create table task (
      id uuid primary key,
      patient_id uuid not null,
      episode_id uuid not null,
      discharge_id uuid not null,
      step_id text not null,
      status text not null,
      team text not null,
      assignee text,
      opened_at timestamptz not null,
      due_at timestamptz not null,
      wake_job text,
      next_wake_at timestamptz,
      correlation_id text not null,
      version integer not null,
      body jsonb not null,
      work jsonb not null
    ) with (fillfactor = 80);
    create index task_patient on task (patient_id);
    create index task_list on task (due_at, id);
    create index task_worklist on task (due_at, id) where status in ('open', 'overdue');
    create index task_assignee on task (assignee, due_at, id) where assignee is not null;
    create index task_wake on task (wake_job, next_wake_at) where next_wake_at is not null;

    create table history (
      id uuid primary key,
      patient_id uuid not null,
      at timestamptz not null,
      place integer not null,
      kind text not null,
      label text not null,
      actor text,
      detail text,
      episode_id uuid,
      task_id uuid
    );
    create index history_patient on history (patient_id, at, place, id);
  `;
}
