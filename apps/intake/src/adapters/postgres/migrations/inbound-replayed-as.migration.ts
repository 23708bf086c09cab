import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class InboundReplayedAs1767225600021 extends ForwardMigration {
  readonly name = 'InboundReplayedAs1767225600021';
  readonly sql = `-- expand
    -- The row under which a message stands today whose header could not be read when it came: sender and control id are in the id.
    alter table inbound add column replayed_as uuid references inbound (id);
  `;
}
