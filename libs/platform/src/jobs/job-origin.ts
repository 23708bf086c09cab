import type { Sql } from '../persistence/sql.js';

/** The traceparent of whoever first asked for a job of this row, if it stood in a trace. */
export const originOf = async (sql: Sql, rowId: string): Promise<string | undefined> => {
  const [row] = await sql.query<{ traceparent: string }>('select traceparent from job_origin where row_id = $1', [rowId]);
  return row?.traceparent;
};
