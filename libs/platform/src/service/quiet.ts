import type { Bus } from '../bus/bus.js';
import type { Sql } from '../persistence/sql.js';

/** Work that is not finished. A service is quiet when all are 0; a system when all its services are, twice in a row. */
export interface Quiet {
  /** Events committed and not yet on the bus. */
  readonly outbox: number;
  /** Alarms asked for and not yet armed. */
  readonly jobsAsked: number;
  /** Records on the topics it reads that it has not handled. */
  readonly lag: number;
  /** Rows of its own logs not decided yet (intake: inbound messages), and what else it knows to be unfinished. */
  readonly backlog: number;
  /** Messages and jobs set aside that were neither replayed nor discarded. */
  readonly parked: number;
}

export interface QuietParts {
  readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  readonly bus: () => Bus;
  readonly topics: () => readonly string[];
  /** Logs in the service's own tables. */
  readonly logs: readonly string[];
  readonly backlogs: readonly ((sql: Sql) => Promise<number>)[];
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  readonly lag: number;
}

/** Records from a position to the end of the log; a partition that was never read counts from its first record. */
export const lagByPartition = async ({ read, bus, topics }: Pick<QuietParts, 'read' | 'bus' | 'topics'>): Promise<readonly PartitionLag[]> => {
  const log = bus();
  const names = topics();
  const spans = (await Promise.all(names.map((topic) => log.spans(topic)))).flat();
  const rows = await read((sql) =>
    sql.query<{ topic: string; partition: number; next_offset: number }>('select topic, partition, next_offset from position where topic = any($1::text[])', [names]),
  );
  const positions = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.next_offset]));
  return spans.map(({ topic, partition, low, high }) => ({ topic, partition, lag: Math.max(0, high - (positions.get(`${topic}/${partition}`) ?? low)) }));
};

/** Rows of the service's own logs that it has not decided yet. */
export const lagOfLogs = (sql: Sql, logs: readonly string[]): Promise<{ log: string; lag: number }[]> =>
  sql.query<{ log: string; lag: number }>(
    `select h.log, h.next_offset - coalesce(p.next_offset, 0) as lag
       from log_head h left join position p on p.topic = h.log and p.partition = 0 where h.log = any($1::text[])`,
    [logs],
  );

export const quietOf = async (parts: QuietParts): Promise<Quiet> => {
  const lag = (await lagByPartition(parts)).reduce((sum, partition) => sum + partition.lag, 0);
  return parts.read(async (sql) => {
    const [counts] = await sql.query<{ outbox: number; jobs: number; parked: number }>(
      `select (select count(*) from outbox) as outbox, (select count(*) from job_request) as jobs, (select count(*) from parked where state <> 'discarded') as parked`,
    );
    let backlog = (await lagOfLogs(sql, parts.logs)).reduce((sum, { lag }) => sum + lag, 0);
    for (const count of parts.backlogs) backlog += await count(sql);
    return { outbox: counts!.outbox, jobsAsked: counts!.jobs, lag, backlog, parked: counts!.parked };
  });
};
