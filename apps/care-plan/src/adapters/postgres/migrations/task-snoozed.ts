import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class TaskSnoozed1767225601000 extends ForwardMigration {
  readonly name = 'TaskSnoozed1767225601000';
  readonly sql = `-- expand
    alter table task add column snoozed_until timestamptz;
    create index task_snoozed on task (due_at, id) where snoozed_until is not null;

    -- Who works with the tasks: whom one of them can be given to.
    create table colleague (sub text primary key, name text not null, roles jsonb not null, seen_at timestamptz not null);
  `;
}
