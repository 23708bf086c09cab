import type { DataSource } from 'typeorm';
import type { BusRecord } from '../bus/bus.js';
import type { LogView } from '../runner/positions.js';
import { unknownAmong } from './unknown-spans.js';

const LOOK_BACK = 20;

/**
 * Keys whose newest events on the service's own topic are ahead of their streams: this database is an older copy than the one
 * that published them, and would give the same numbers to other facts. Looks at the last records of each partition.
 */
export const keysAhead = async (dataSource: DataSource, log: LogView, ownTopic: string): Promise<readonly string[]> => {
  const last: BusRecord[] = [];
  for (const { partition, low, high } of await log.spans(ownTopic)) {
    for (let offset = high - 1; offset >= Math.max(low, high - LOOK_BACK); offset--) {
      const record = await log.recordAt(ownTopic, partition, offset);
      if (record) last.push(record);
    }
  }
  return [...new Set((await unknownAmong(dataSource, last)).map((record) => record.headers['ce_partitionkey']!))];
};
