import { ForwardMigration } from '@throughline/platform/persistence/forward-migration';

export class Sender1767225600023 extends ForwardMigration {
  readonly name = 'Sender1767225600023';
  readonly sql = `-- expand
    -- What each sender sent in each hour, counted from inbound by when a message came first. Nothing else writes here, and
    -- inbound gets no index for it: receiving costs what it did.
    create table sender_hour (
      hour timestamptz not null,
      sender text not null,
      aa integer not null,
      ae integer not null,
      ar integer not null,
      repeats integer not null,
      first_at timestamptz not null,
      last_at timestamptz not null,
      -- Between two of its messages of that hour.
      longest_gap_ms integer not null,
      primary key (hour, sender)
    );
    create index sender_hour_sender on sender_hour (sender, hour);

    create table sender (
      sender text primary key,
      first_at timestamptz not null,
      last_at timestamptz not null,
      -- What silence is usual in the hour of usual_for; null while too little is known.
      usual_gap_ms bigint,
      usual_by text not null default 'new',
      usual_for timestamptz
    );

    -- Up to when inbound is counted.
    create table sender_counted (
      id boolean primary key default true check (id),
      at timestamptz not null
    );
  `;
}
