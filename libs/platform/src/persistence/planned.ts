import { PgSql } from './database.js';
import type { Sql } from './sql.js';

/** A fixed text that runs again and again: planned once per connection. */
export const planned = <Row = Record<string, unknown>>(sql: Sql, text: string, params: readonly unknown[]): Promise<Row[]> =>
  sql instanceof PgSql ? sql.prepared<Row>(text, params) : sql.query<Row>(text, params);
