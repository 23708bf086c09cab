import type { DataSource } from 'typeorm';
import type { EntityClass } from './sql.js';

interface Field {
  readonly property: string;
  readonly column: string;
  /** PostgreSQL type name, for the cast of the unnested array. */
  readonly type: string;
}

/** How rows of one entity travel: the statements that load and write many at once, made from TypeORM's metadata. */
export interface RowShape<Row> {
  readonly table: string;
  /** $1 = patient ids. */
  readonly select: string;
  /** One array per column, from `columnsOf`. A row's patient never changes. */
  readonly upsert: string;
  /** As `upsert`, but a row that is there already is left alone. */
  readonly insert: string;
  fromDatabase(record: Record<string, unknown>): Row;
  columnsOf(rows: readonly Row[]): unknown[];
}

const quoted = (name: string): string => `"${name}"`;

const parameterOf = (type: string, value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  return type === 'jsonb' || type === 'json' ? JSON.stringify(value) : value;
};

const shape = <Row extends object>(dataSource: DataSource, entity: EntityClass<Row>): RowShape<Row> => {
  const metadata = dataSource.getMetadata(entity);
  const fields: Field[] = metadata.columns.map((column) => {
    // unnest flattens arrays of arrays; jsonb holds lists instead.
    if (column.isArray) throw new Error(`${metadata.name}.${column.propertyName}: use jsonb in place of an array column`);
    return { property: column.propertyName, column: column.databaseName, type: dataSource.driver.normalizeType(column) };
  });
  const table = quoted(metadata.tableName);
  const columns = fields.map((field) => quoted(field.column)).join(', ');
  const arrays = fields.map((field, index) => `$${index + 1}::${field.type}[]`).join(', ');
  const changes = fields
    .filter((field) => field.column !== 'id' && field.column !== 'patient_id')
    .map((field) => `${quoted(field.column)} = excluded.${quoted(field.column)}`)
    .join(', ');
  const insert = `insert into ${table} (${columns}) select * from unnest(${arrays})`;
  return {
    table: metadata.tableName,
    select: `select ${columns} from ${table} where patient_id = any($1::uuid[])`,
    upsert: `${insert} on conflict (id) do ${changes === '' ? 'nothing' : `update set ${changes}`}`,
    insert: `${insert} on conflict do nothing`,
    fromDatabase: (record) => {
      const row = new entity() as Record<string, unknown>;
      for (const field of fields) row[field.property] = record[field.column];
      return row as Row;
    },
    columnsOf: (rows) => fields.map((field) => rows.map((row) => parameterOf(field.type, (row as Record<string, unknown>)[field.property]))),
  };
};

const shapes = new WeakMap<DataSource, Map<EntityClass<object>, RowShape<object>>>();

/** The entity's shape, made once per DataSource. */
export const rowShape = <Row extends object>(dataSource: DataSource, entity: EntityClass<Row>): RowShape<Row> => {
  let known = shapes.get(dataSource);
  if (!known) shapes.set(dataSource, (known = new Map()));
  let found = known.get(entity);
  if (!found) known.set(entity, (found = shape(dataSource, entity) as unknown as RowShape<object>));
  return found as unknown as RowShape<Row>;
};
