import { ForwardMigration } from './forward-migration.js';

const TABLE = `-- expand
-- Where in a trace a row was when a job was first asked for it: what wakes it days later points back there.
create table job_origin (
  row_id uuid primary key,
  traceparent text not null,
  at timestamptz not null
);
create index job_origin_at on job_origin using brin (at);
`;

export class JobOrigin1700000000001 extends ForwardMigration {
  readonly name = 'JobOrigin1700000000001';
  readonly sql = TABLE;
}
