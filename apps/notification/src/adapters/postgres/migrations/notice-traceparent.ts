import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class NoticeTraceparent1767225600010 extends ForwardMigration {
  readonly name = 'NoticeTraceparent1767225600010';
  readonly sql = `-- expand
    -- Where in a trace the notice was made, so that its delivery goes on from there.
    alter table task_notice add column traceparent text;
  `;
}
