import type { DataSource } from 'typeorm';
import type { BusRecord } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import type { Sql } from '../persistence/sql.js';
import type { LogView } from './positions.js';

/**
 * Takes the next `count` offsets of a log kept in a table; answers the first of them. Call it last in the appending transaction,
 * just before the rows are written: the head's lock is held until commit, so that offsets become visible in order and without
 * gaps, and a rolled-back append leaves none. (From a sequence, a reader would skip the ones that commit late.)
 *
 *     const first = await takeOffsets(sql, 'inbound', rows.length);
 *     await sql.query('insert into inbound (id, log_offset, ...) select ...', [...]);   // first, first + 1, ...
 */
export const takeOffsets = async (sql: Sql, log: string, count: number): Promise<number> => {
  const [head] = await sql.query<{ first: number }>(
    `insert into log_head (log, next_offset) values ($1, $2::bigint)
     on conflict (log) do update set next_offset = log_head.next_offset + $2::bigint
     returning next_offset - $2::bigint as first`,
    [log, count],
  );
  return head!.first;
};

export interface TableLog extends LogView {
  /** The log's name is its topic; it has one partition, 0. */
  readonly topic: string;
  read(from: number, limit: number): Promise<readonly BusRecord[]>;
}

export interface TableLogOptions {
  readonly dataSource: DataSource;
  readonly log: string;
  /** Records at or above the offset, in offset order, partition 0. Header `ce_id` = the row's id (a UUID): the position check compares it. */
  readonly read: (sql: Sql, from: number, limit: number) => Promise<readonly BusRecord[]>;
}

/** A table as a log, for the same runner that reads the bus. */
export const createTableLog = ({ dataSource, log, read }: TableLogOptions): TableLog => {
  const readFrom = (from: number, limit: number): Promise<readonly BusRecord[]> => withConnection(dataSource, (sql) => read(sql, from, limit));
  return {
    topic: log,
    read: readFrom,
    // Position and log stand in one database: they are restored together.
    remakable: false,
    clusterId: async () => 'table',
    spans: async () =>
      withConnection(dataSource, async (sql) => {
        const [head] = await sql.query<{ next_offset: number }>('select next_offset from log_head where log = $1', [log]);
        const high = head?.next_offset ?? 0;
        const [first] = await read(sql, 0, 1);
        return [{ topic: log, partition: 0, low: first?.offset ?? high, high }];
      }),
    recordAt: async (_topic, _partition, offset) => {
      const [record] = await readFrom(offset, 1);
      return record?.offset === offset ? record : null;
    },
  };
};
