import pg from 'pg';
import { FreshValues } from '../work/fresh-values.js';
import { KeyPool } from '../work/key-pool.js';
import { Portion } from '../work/portion.js';
import { changeable, RowMaker } from '../work/row-maker.js';
import { quoted } from '../work/table-columns.js';
import type { Cell, Column, TableWork } from '../work/work.js';

/** Rows that are there before the first update or delete comes. */
const SEED = 1_000;

const elementType = (type: string): string => (type.endsWith('[]') ? 'text' : type);

/** The columns of many rows as a table: one list per column. Lists of lists would be flattened, so those go as text. */
const unnest = (columns: readonly Column[], from = 0): string =>
  `unnest(${columns.map(({ type }, i) => `$${from + i + 1}::${elementType(type)}[]`).join(', ')}) as u(${columns.map((_, i) => `c${from + i}`).join(', ')})`;

const cast = ({ type }: Column, i: number): string => (type.endsWith('[]') ? `u.c${i}::${type}` : `u.c${i}`);
const listsOf = (rows: readonly (readonly Cell[])[], width: number): Cell[][] => Array.from({ length: width }, (_, i) => rows.map((row) => row[i]!));

export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: Cell[][];
}

/** Writes to one table: for any number of discharges one statement that inserts, one that updates and one that deletes. */
export class FloorTable {
  readonly #inserts: Portion;
  readonly #updates: Portion;
  readonly #deletes: Portion;
  readonly #maker: RowMaker;
  readonly #pool = new KeyPool<readonly Cell[]>();
  readonly #keys: readonly Column[];
  readonly #changed: readonly Column[];
  readonly #name: string;

  constructor(
    schema: string,
    private readonly table: TableWork,
    fresh: FreshValues,
  ) {
    this.#name = quoted(schema, table.table);
    this.#keys = table.columns.filter(({ key }) => key);
    this.#changed = changeable(table);
    this.#inserts = new Portion(table.inserts);
    this.#updates = new Portion(table.updates);
    this.#deletes = new Portion(table.deletes);
    this.#maker = new RowMaker(table, fresh);
  }

  seed(): readonly Statement[] {
    return this.table.updates + this.table.deletes > 0 ? [this.#insert(SEED)] : [];
  }

  upTo(discharges: number): readonly Statement[] {
    const inserts = this.#inserts.upTo(discharges);
    const deletes = this.#deletes.upTo(discharges);
    return [
      ...(inserts > 0 ? [this.#insert(inserts)] : []),
      ...(deletes > 0 ? [this.#delete(deletes)] : []),
      ...this.#update(this.#updates.upTo(discharges)),
    ];
  }

  #insert(count: number): Statement {
    const { columns } = this.table;
    const rows = this.#maker.rows(count);
    const places = this.#keys.map((key) => columns.indexOf(key));
    this.#pool.add(this.table.updates + this.table.deletes > 0 ? rows.map((row) => places.map((place) => row[place]!)) : []);
    const names = columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
    return this.#statement('insert', `insert into ${this.#name} (${names}) select ${columns.map(cast).join(', ')} from ${unnest(columns)}`, listsOf(rows, columns.length));
  }

  #delete(count: number): Statement {
    return this.#statement('delete', `delete from ${this.#name} t using ${unnest(this.#keys)} where ${this.#sameKey()}`, listsOf(this.#pool.take(count), this.#keys.length));
  }

  /** No row twice in a statement: that would be one update. */
  #update(count: number): readonly Statement[] {
    if (count === 0) return [];
    const keys = this.#pool.pick(count);
    if (keys.length === 0) throw new Error(`${this.#name} has no row left to update`);
    const columns = [...this.#keys, ...this.#changed];
    const sets = this.#changed.length > 0 ? this.#changed.map((column, i) => `${pg.escapeIdentifier(column.name)} = ${cast(column, this.#keys.length + i)}`) : this.#keys.map(({ name }) => `${pg.escapeIdentifier(name)} = t.${pg.escapeIdentifier(name)}`);
    const values = this.#maker.rows(keys.length, this.#changed);
    const statement = this.#statement('update', `update ${this.#name} t set ${sets.join(', ')} from ${unnest(columns)} where ${this.#sameKey()}`, listsOf(keys.map((key, i) => [...key, ...values[i]!]), columns.length));
    return [statement, ...this.#update(count - keys.length)];
  }

  #sameKey(): string {
    return this.#keys.map(({ name }, i) => `t.${pg.escapeIdentifier(name)} = u.c${i}`).join(' and ');
  }

  #statement(kind: string, text: string, values: Cell[][]): Statement {
    return { name: `${kind} ${this.table.table}`, text, values };
  }
}
