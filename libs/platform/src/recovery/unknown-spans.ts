import type { DataSource } from 'typeorm';
import type { Bus, BusRecord, PartitionSpan } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import { isUuid } from '../runner/message.js';

/** Records looked at together. */
const PAGE = 500;
/**
 * So many pages in a row that the database knows end the search. Events leave in commit order but for transactions that ran at
 * the same time, so behind the first unknown one there is nothing else older by more than those.
 */
const KNOWN_PAGES = 4;

export const seqOf = ({ headers }: BusRecord): number => Number(headers['ce_sequence']);
/** Says whose it is, and its place in that stream. */
export const isNumbered = (record: BusRecord): boolean => isUuid(record.headers['ce_partitionkey']) && Number.isSafeInteger(seqOf(record));

/** Records of the service's own topic that its streams have not reached: this database is older than what it published. */
export const unknownAmong = async (dataSource: DataSource, records: readonly BusRecord[]): Promise<readonly BusRecord[]> => {
  const numbered = records.filter(isNumbered);
  if (numbered.length === 0) return [];
  const keys = [...new Set(numbered.map((record) => record.headers['ce_partitionkey']!))];
  const rows = await withConnection(dataSource, (sql) => sql.query<{ key: string; seq: number }>('select key, seq from stream where key = any($1::uuid[])', [keys]));
  const reached = new Map(rows.map((row) => [row.key, row.seq]));
  return numbered.filter((record) => seqOf(record) > (reached.get(record.headers['ce_partitionkey']!) ?? 0));
};

/** The stretch of each partition of the service's own topic that holds all that its database does not know; none for partitions that hold nothing of the kind. */
export const unknownSpans = async (dataSource: DataSource, bus: Bus, ownTopic: string): Promise<readonly PartitionSpan[]> => {
  const found: PartitionSpan[] = [];
  for (const span of await bus.spans(ownTopic)) {
    let first: number | undefined;
    let known = 0;
    for (let to = span.high; to > span.low && known < KNOWN_PAGES; to = Math.max(span.low, to - PAGE)) {
      const from = Math.max(span.low, to - PAGE);
      const page = await read(bus, ownTopic, span.partition, from, to);
      const [unknown] = await unknownAmong(dataSource, page);
      if (unknown) first = unknown.offset;
      known = unknown ? 0 : known + 1;
    }
    if (first !== undefined) found.push({ ...span, low: first });
  }
  return found;
};

/** All that the log holds of `[from, to)`. */
const read = async (bus: Bus, topic: string, partition: number, from: number, to: number): Promise<readonly BusRecord[]> => {
  const records: BusRecord[] = [];
  for await (const page of pages(bus, { topic, partition, low: from, high: to })) records.push(...page);
  return records;
};

/** A stretch of a partition, in order, at most `limit` records at a time. */
export async function* pages(bus: Bus, { topic, partition, low, high }: PartitionSpan, limit = PAGE): AsyncGenerator<readonly BusRecord[]> {
  for (let next = low; next < high; ) {
    const page = (await bus.read(topic, partition, next, Math.min(limit, high - next))).filter((record) => record.offset < high);
    if (page.length === 0) return;
    yield page;
    next = page.at(-1)!.offset + 1;
  }
}
