import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Column } from './work.js';
import { columnsOf, sampleRows, type Sampled } from './table-columns.js';

const PAUSE_MS = 50;
const AT_ONCE = 40;
const ENOUGH = 400;

/** Tables whose rows do not stay: what is written there is gone by the time anybody looks. */
const PASSING = `select schemaname as schema, relname as table from pg_stat_user_tables where n_tup_ins > 0 and n_tup_del > n_tup_ins / 2`;

interface Kind {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly Column[];
  readonly seen: Sampled[];
  count: number;
}

/** Looks at rows while they are there, for as long as it takes to have seen enough of each kind. */
export class PassingRows {
  #stopped = false;
  readonly #looking: Promise<void>;
  #kinds: Kind[] = [];

  constructor(databaseUrl: string) {
    this.#looking = this.#look(databaseUrl);
    this.#looking.catch(() => undefined);
  }

  /** `schema.table` -> what was seen. */
  async stop(): Promise<ReadonlyMap<string, Sampled>> {
    this.#stopped = true;
    await this.#looking;
    return new Map(
      this.#kinds.map(({ schema, table, seen, count }) => {
        const bytes = seen.reduce((sum, { rowBytes, rows }) => sum + rowBytes * rows.length, 0);
        return [`${schema}.${table}`, { rowBytes: bytes / Math.max(1, count), rows: seen.flatMap(({ rows }) => rows) }];
      }),
    );
  }

  async #look(databaseUrl: string): Promise<void> {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const { rows } = await client.query<{ schema: string; table: string }>(PASSING);
      for (const { schema, table } of rows) this.#kinds.push({ schema, table, columns: await columnsOf(client, schema, table), seen: [], count: 0 });
      while (!this.#stopped && this.#kinds.some(({ count }) => count < ENOUGH)) {
        for (const kind of this.#kinds.filter(({ count }) => count < ENOUGH)) {
          const found = await sampleRows(client, kind.schema, kind.table, kind.columns, `limit ${AT_ONCE}`);
          if (found.rows.length > 0) kind.seen.push(found);
          kind.count += found.rows.length;
        }
        await delay(PAUSE_MS);
      }
    } finally {
      await client.end();
    }
  }
}
