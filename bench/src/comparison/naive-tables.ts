import { EntitySchema, type EntitySchemaColumnOptions, type ObjectLiteral, type Repository } from 'typeorm';
import { FreshValues } from '../work/fresh-values.js';
import { KeyPool } from '../work/key-pool.js';
import { Portion } from '../work/portion.js';
import { changeable, RowMaker } from '../work/row-maker.js';
import type { Cell, Column, TableWork } from '../work/work.js';

const SEED = 50;

const columnOf = ({ name, type, key }: Column): EntitySchemaColumnOptions => ({
  name, type: type as 'text', primary: key, nullable: !key,
});

/** The table as TypeORM knows it, made from what the database says. */
export const entityOf = (schema: string, { table, columns }: TableWork): EntitySchema =>
  new EntitySchema({ name: table, tableName: table, schema, columns: Object.fromEntries(columns.map((column) => [column.name, columnOf(column)])) });

/** PostgreSQL's text as the value an entity holds. */
export const valueOf = (type: string, text: Cell): unknown => {
  if (text === null) return null;
  if (type === 'jsonb' || type === 'json') return JSON.parse(text);
  if (type === 'bytea') return Buffer.from(text.slice(2), 'hex');
  if (type === 'boolean') return text === 'true';
  if (type === 'integer' || type === 'smallint') return Number(text);
  if (type.startsWith('timestamp')) return new Date(text);
  return text;
};

/** Writes to one table, a row at a time. */
export class NaiveTable {
  readonly #inserts: Portion;
  readonly #updates: Portion;
  readonly #deletes: Portion;
  readonly #maker: RowMaker;
  readonly #pool = new KeyPool<ObjectLiteral>();
  #changes = 0;

  constructor(
    private readonly repository: Repository<ObjectLiteral>,
    private readonly table: TableWork,
    fresh: FreshValues,
  ) {
    this.#inserts = new Portion(table.inserts);
    this.#updates = new Portion(table.updates);
    this.#deletes = new Portion(table.deletes);
    this.#maker = new RowMaker(table, fresh);
  }

  async seed(): Promise<void> {
    if (this.table.updates + this.table.deletes > 0) for (let rows = 0; rows < SEED; rows += 1) await this.#insert();
  }

  async writeUpTo(discharges: number): Promise<void> {
    for (let count = this.#inserts.upTo(discharges); count > 0; count -= 1) await this.#insert();
    for (let count = this.#deletes.upTo(discharges); count > 0; count -= 1) await this.#delete();
    for (let count = this.#updates.upTo(discharges); count > 0; count -= 1) await this.#update();
  }

  async #insert(): Promise<void> {
    const row = this.#objectOf(this.table.columns);
    const keys = Object.fromEntries(this.table.columns.filter(({ key }) => key).map(({ name }) => [name, row[name] as unknown]));
    await this.repository.save(row);
    if (this.table.updates + this.table.deletes > 0) this.#pool.add([keys]);
  }

  async #update(): Promise<void> {
    const [keys] = this.#pool.pick(1);
    await this.repository.save({ ...keys, ...this.#different(this.#objectOf(changeable(this.table))) });
  }

  async #delete(): Promise<void> {
    const [keys] = this.#pool.take(1);
    await this.repository.remove({ ...keys });
  }

  /** `save()` writes nothing when nothing changed: numbers and times get a value of their own. */
  #different(row: ObjectLiteral): ObjectLiteral {
    this.#changes += 1;
    for (const { name, type } of changeable(this.table)) {
      if (type === 'bigint') row[name] = String(this.#changes);
      else if (type === 'integer') row[name] = this.#changes;
      else if (type.startsWith('timestamp')) row[name] = new Date(this.#changes);
    }
    return row;
  }

  #objectOf(columns: readonly Column[]): ObjectLiteral {
    const [row] = this.#maker.rows(1, columns);
    return Object.fromEntries(columns.map(({ name, type }, i) => [name, valueOf(type, row![i]!)]));
  }
}
