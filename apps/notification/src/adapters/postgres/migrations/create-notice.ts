import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class CreateNotice1767225600003 extends ForwardMigration {
  readonly name = 'CreateNotice1767225600003';
  readonly sql = `-- expand
    -- The numbered stream. Its readers ask for "greater than the last I saw", so a number must not become visible before
    -- a smaller one: numbers come from a row that the insert locks until its transaction commits. (A sequence hands them
    -- out before commit, and readers would skip the late ones.) The name sorts last among the service's tables, which is
    -- the order they are written in: after this lock nothing is waited for.
    create table task_notice (
      id uuid primary key,
      number bigint not null unique,
      patient_id uuid not null,
      at timestamptz not null,
      body jsonb not null
    );
    insert into log_head (log, next_offset) values ('task_notice', 1);

    -- One lock and one update of the head for all rows of a statement.
    create function begin_numbering() returns trigger language plpgsql as $$
    begin
      perform set_config('throughline.notice_number', (select next_offset from log_head where log = 'task_notice' for update)::text, true);
      return null;
    end $$;
    create function number_notice() returns trigger language plpgsql as $$
    begin
      new.number := current_setting('throughline.notice_number')::bigint;
      perform set_config('throughline.notice_number', (new.number + 1)::text, true);
      return new;
    end $$;
    create function end_numbering() returns trigger language plpgsql as $$
    begin
      update log_head set next_offset = current_setting('throughline.notice_number')::bigint where log = 'task_notice';
      return null;
    end $$;
    create trigger task_notice_begin before insert on task_notice for each statement execute function begin_numbering();
    create trigger task_notice_number before insert on task_notice for each row execute function number_notice();
    create trigger task_notice_end after insert on task_notice for each statement execute function end_numbering();

    create table message (
      id uuid primary key,
      patient_id uuid not null,
      kind text not null check (kind in ('task', 'digest')),
      state text not null check (state in ('planned', 'sending', 'sent', 'failed', 'unknown', 'cancelled')),
      due_at timestamptz,
      planned_at timestamptz not null,
      body jsonb not null
    );
    create index message_patient on message (patient_id);
    create index message_due on message (state, due_at) where state in ('planned', 'sending');
    create index message_list on message (state, planned_at, id);
  `;
}
