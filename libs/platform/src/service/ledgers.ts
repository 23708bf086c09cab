import { decodeCursor, encodeCursor, type Page } from '../http/paging.js';
import { badField } from '../http/problem.js';
import type { Sql } from '../persistence/sql.js';
import type { LedgerItem, LedgerRow, LedgerSource } from './ledger.js';

const shown = ({ cursor: _, ...item }: LedgerRow): LedgerItem => item;

/** The service's ledger sources as one list: one source after the other, each in its own stable order. */
export class Ledgers {
  readonly #sources = new Map<string, LedgerSource>();

  constructor(private readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>) {}

  register(name: string, source: LedgerSource): void {
    if (this.#sources.has(name)) throw new Error(`Two ledger sources are called ${name}`);
    this.#sources.set(name, source);
  }

  async page(cursor: string | undefined, limit: number): Promise<Page<LedgerItem>> {
    const [from, after] = decodeCursor(cursor, 2) ?? [];
    const names = [...this.#sources.keys()];
    const start = from === undefined ? 0 : names.indexOf(String(from));
    if (start < 0) throw badField('cursor', 'is not a cursor of this list: use nextCursor of the page before, or leave it out');
    const rows = await this.read((sql) => this.#rows(sql, names.slice(start), typeof after === 'string' ? after : undefined, limit + 1));
    const last = rows[limit - 1];
    return {
      items: rows.slice(0, limit).map(({ row }) => shown(row)),
      nextCursor: rows.length > limit && last ? encodeCursor([last.source, last.row.cursor]) : null,
    };
  }

  async #rows(sql: Sql, names: readonly string[], after: string | undefined, wanted: number) {
    const rows: { readonly source: string; readonly row: LedgerRow }[] = [];
    for (const [i, source] of names.entries()) {
      const more = await this.#sources.get(source)!(sql, i === 0 ? after : undefined, wanted - rows.length);
      rows.push(...more.map((row) => ({ source, row })));
      if (rows.length >= wanted) break;
    }
    return rows;
  }
}
