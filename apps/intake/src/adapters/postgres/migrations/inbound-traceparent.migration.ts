import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class InboundTraceparent1767225600010 extends ForwardMigration {
  readonly name = 'InboundTraceparent1767225600010';
  readonly sql = `-- expand
    -- Where the receiving of the message stands in a trace, so that what is decided of it goes on from there.
    alter table inbound_log add column traceparent text;
  `;
}
