import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIntake1767225600001 implements MigrationInterface {
  readonly name = 'CreateIntake1767225600001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`-- expand
      -- Everything that came in and was answered, readable or not. id = (sender, control id, content hash): also the
      -- correlation id of all that follows from it.
      create table inbound (
        id uuid primary key,
        received_at timestamptz not null,
        protocol text not null,
        sender text not null,
        control_id text not null,
        trigger text not null,
        hash bytea not null,
        raw bytea not null,
        answer text not null check (answer in ('AA', 'AE', 'AR')),
        -- Our words for it; null while it is in quarantine.
        said jsonb,
        -- Why it is in quarantine; null when it is not.
        reasons jsonb,
        -- How often the sender sent it.
        arrivals integer not null,
        control_id_reused boolean not null,
        check ((answer = 'AA') = (said is not null))
      );
      alter table inbound alter column raw set storage external;
      create index inbound_control on inbound (sender, control_id);
      create index inbound_received on inbound (received_at, id);
      create index inbound_quarantine on inbound (received_at, id) where answer <> 'AA';

      -- The accepted ones in the order the decision reads them. Offsets come from log_head, whose row is locked last, so
      -- that they become visible in order and without gaps; a row that left quarantine joins at the end.
      create table inbound_log (
        log_offset bigint primary key,
        inbound_id uuid not null unique references inbound (id)
      );
      insert into log_head (log, next_offset) values ('inbound', 0);

      create table inbound_outcome (
        id uuid primary key references inbound (id),
        patient_id uuid not null,
        at timestamptz not null,
        outcome text not null,
        reason text,
        encounter_id uuid,
        discharge_id uuid,
        discharged_at timestamptz,
        time_source text not null,
        flags jsonb not null
      );
      create index inbound_outcome_patient on inbound_outcome (patient_id, at);

      create table patient (
        id uuid primary key,
        patient_id uuid not null,
        version bigint not null,
        search_name text not null,
        body jsonb not null
      );
      create index patient_patient on patient (patient_id);
      create index patient_name on patient (search_name text_pattern_ops, id);

      -- Which number names whom. A number names one person; the first to bring it keeps it.
      create table identifier (
        id uuid primary key,
        patient_id uuid not null,
        kind text not null,
        authority text not null,
        value text not null
      );
      create index identifier_patient on identifier (patient_id);
      create index identifier_value on identifier (value);

      create table encounter (
        id uuid primary key,
        patient_id uuid not null,
        version bigint not null,
        body jsonb not null
      );
      create index encounter_patient on encounter (patient_id);

      create table discharge (
        id uuid primary key,
        patient_id uuid not null,
        version bigint not null,
        body jsonb not null
      );
      create index discharge_patient on discharge (patient_id);

      create table prescription (
        id uuid primary key,
        patient_id uuid not null,
        version bigint not null,
        body jsonb not null
      );
      create index prescription_patient on prescription (patient_id);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only');
  }
}
