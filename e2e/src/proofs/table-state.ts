import type { Service } from '@throughline/contracts/define-event';
import type { FiveServices } from './five-services.js';

/** Table -> its rows as text. */
export type TableState = ReadonlyMap<string, readonly string[]>;

/** What reading itself keeps, and may therefore change when a topic is read again. */
const READING = ['inbox', 'position'];

export interface Look {
  readonly leftOut?: readonly string[];
  /** Also what was written again with the same values, which shows by its `xmin`. */
  readonly writes?: boolean;
}

/** Every row of every table of the service. */
export const tableState = async (five: FiveServices, service: Service, { leftOut = [], writes = true }: Look = {}): Promise<TableState> => {
  const tables = await five.rows<{ name: string }>(service, `select tablename as name from pg_tables where schemaname = current_schema() order by 1`);
  const kept = tables.map(({ name }) => name).filter((name) => !READING.includes(name) && !leftOut.includes(name));
  const state = new Map<string, readonly string[]>();
  for (const name of kept) {
    const rows = await five.rows<{ row: string }>(service, `select ${writes ? `t.xmin::text || ' ' ||` : ''} t::text as row from "${name}" t`);
    state.set(name, rows.map(({ row }) => row).sort());
  }
  return state;
};

/** One line for each row that came or went: `task: + 4711 (...)`. */
export const changes = (before: TableState, after: TableState): readonly string[] =>
  [...after].flatMap(([table, rows]) => {
    const [old, now] = [new Set(before.get(table)), new Set(rows)];
    return [...[...old].filter((row) => !now.has(row)).map((row) => `${table}: - ${row}`), ...rows.filter((row) => !old.has(row)).map((row) => `${table}: + ${row}`)];
  });
