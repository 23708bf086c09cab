import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';

export interface TableCounts {
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
}

/** `schema.table` -> rows written so far, as the database's statistics have them. */
export type RowCounts = ReadonlyMap<string, TableCounts>;

/**
 * A session that has nothing to do tells what it has counted after ten seconds at the latest; busy ones do so every second,
 * and those that close at once.
 */
const SILENCE_MS = 11_000;
const PATIENCE_MS = 30_000;

const COUNTS = `
  select schemaname || '.' || relname as name, n_tup_ins::float8 as inserts, n_tup_upd::float8 as updates, n_tup_del::float8 as deletes
  from pg_stat_user_tables`;

export const readCounts = async (client: pg.Client): Promise<RowCounts> => {
  const { rows } = await client.query<TableCounts & { name: string }>(COUNTS);
  return new Map(rows.map(({ name, ...counts }) => [name, counts]));
};

export const written = ({ inserts, updates, deletes }: TableCounts): number => inserts + updates + deletes;
const NONE: TableCounts = { inserts: 0, updates: 0, deletes: 0 };

/** What came between two readings. */
export const between = (before: RowCounts, after: RowCounts): RowCounts =>
  new Map(
    [...after].map(([name, now]) => {
      const then = before.get(name) ?? NONE;
      return [name, { inserts: now.inserts - then.inserts, updates: now.updates - then.updates, deletes: now.deletes - then.deletes }];
    }),
  );

/** Waits until every session has told what it counted: nothing new for longer than an idle one keeps it back. */
export const settleCounts = async (client: pg.Client, signal: AbortSignal): Promise<void> => {
  const total = async (): Promise<number> => [...(await readCounts(client)).values()].reduce((sum, counts) => sum + written(counts), 0);
  const begun = performance.now();
  let last = await total();
  for (let since = begun; performance.now() - since < SILENCE_MS && performance.now() - begun < PATIENCE_MS; ) {
    await delay(500, undefined, { signal });
    const now = await total();
    if (now !== last) since = performance.now();
    last = now;
  }
};
