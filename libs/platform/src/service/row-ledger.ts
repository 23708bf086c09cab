import type { LedgerRow, LedgerSource } from './ledger.js';

/** The column or expression behind each field. More fields may be named: ids, codes and times only. */
export interface LedgerColumns {
  readonly at: string;
  readonly correlationId: string;
  readonly outcome: string;
  readonly [more: string]: string;
}

/** One line per row of `table`, in the order of their ids, which never changes. */
export const rowLedger = (kind: string, table: string, columns: LedgerColumns): LedgerSource => {
  const fields = Object.entries({ id: 'id', subject: 'id', kind: `'${kind}'`, ...columns }).map(([field, column]) => `${column} as "${field}"`);
  const text = `select id::text as cursor, ${fields.join(', ')} from ${table} where $1::uuid is null or id > $1::uuid order by ${table}.id limit $2`;
  return (sql, after, limit) => sql.query<LedgerRow>(text, [after ?? null, limit]);
};
