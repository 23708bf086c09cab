import type { DataSource } from 'typeorm';
import { withConnection } from '../persistence/database.js';
import { isUuid } from './message.js';
import type { LogView } from './positions.js';

const LOOK_BACK = 20;

/**
 * Keys whose newest events on the service's own topic are ahead of their streams: this database is an older copy than the one
 * that published them, and would give the same numbers to other facts. Looks at the last records of each partition.
 */
export const keysAhead = async (dataSource: DataSource, log: LogView, ownTopic: string): Promise<readonly string[]> => {
  const published = new Map<string, number>();
  for (const { partition, low, high } of await log.spans(ownTopic)) {
    for (let offset = high - 1; offset >= Math.max(low, high - LOOK_BACK); offset--) {
      const record = await log.recordAt(ownTopic, partition, offset);
      const key = record?.headers['ce_partitionkey'];
      const seq = Number(record?.headers['ce_sequence']);
      if (isUuid(key) && Number.isSafeInteger(seq)) published.set(key, Math.max(seq, published.get(key) ?? 0));
    }
  }
  if (published.size === 0) return [];
  const streams = await withConnection(dataSource, (sql) =>
    sql.query<{ key: string; seq: number }>('select key, seq from stream where key = any($1::uuid[])', [[...published.keys()]]),
  );
  const reached = new Map(streams.map((row) => [row.key, row.seq]));
  return [...published].filter(([key, seq]) => seq > (reached.get(key) ?? 0)).map(([key]) => key);
};
