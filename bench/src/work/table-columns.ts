import pg from 'pg';
import type { Cell, Column } from './work.js';

/** Columns with what indexes say about them; those that PostgreSQL fills by itself are not among them. */
const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, coalesce(bool_or(i.indisprimary), false) as key,
         coalesce(bool_or(i.indisunique), false) as unique, count(i.indexrelid) > 0 as indexed
  from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and a.attnum = any(i.indkey)
  where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  group by a.attnum, a.attname, a.atttypid, a.atttypmod order by a.attnum`;

export const quoted = (schema: string, table: string): string => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;

export const columnsOf = async (client: pg.Client, schema: string, table: string): Promise<readonly Column[]> =>
  (await client.query<Column>(COLUMNS, [quoted(schema, table)])).rows;

export interface Sampled {
  /** Mean size of a row. */
  readonly rowBytes: number;
  readonly rows: readonly (readonly Cell[])[];
}

/** Rows as text. `where` and `more` are SQL. */
export const sampleRows = async (client: pg.Client, schema: string, table: string, columns: readonly Column[], more: string): Promise<Sampled> => {
  const list = columns.map(({ name }) => `t.${pg.escapeIdentifier(name)}::text`).join(', ');
  const { rows } = await client.query<[number, ...Cell[]]>({ text: `select pg_column_size(t.*), ${list} from ${quoted(schema, table)} t ${more}`, rowMode: 'array' });
  return { rowBytes: rows.reduce((sum, [size]) => sum + size, 0) / Math.max(1, rows.length), rows: rows.map(([, ...row]) => row) };
};
