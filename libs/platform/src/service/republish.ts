import type { Service } from '@throughline/contracts/define-event';
import type { DataSource } from 'typeorm';
import { rowShape } from '../persistence/row-shape.js';
import type { PatientRow, Sql } from '../persistence/sql.js';
import type { Cause, Transactions, Unit } from '../persistence/unit.js';
import type { FactSource } from './facts.js';

export interface RepublishParts<S extends Service> {
  readonly dataSource: DataSource;
  readonly transactions: Transactions<S>;
  readonly facts: readonly FactSource<S>[];
}

/** `[kind, id]` of the last row looked at. */
export type RepublishedUpTo = readonly [kind: number, id: string];

export interface Republished {
  readonly looked: number;
  readonly published: number;
  /** Undefined when all is done. */
  readonly next: RepublishedUpTo | undefined;
}

/** Before the first id. */
const NONE = '00000000-0000-0000-0000-000000000000';

const pageOf = (parts: RepublishParts<Service>, source: FactSource<Service>, after: string, limit: number): Promise<readonly PatientRow[]> =>
  parts.transactions.read((sql: Sql) =>
    sql.query<PatientRow>(`select id, patient_id as "patientId" from "${rowShape(parts.dataSource, source.entity).table}" where id > $1 order by id limit $2`, [after, limit]),
  );

/**
 * States current facts again, a page of rows at a time, each at the version it has: whoever applied it passes over it, whoever
 * never heard it (a new consumer, one whose topic was lost) learns what is so now. Rows are read under their patient's lock, so
 * that nothing newer is overtaken.
 */
export const republish = async <S extends Service>(parts: RepublishParts<S>, cause: Cause, type: string | undefined, after: RepublishedUpTo | undefined, limit: number): Promise<Republished> => {
  const [from, afterId] = after ?? [0, NONE];
  const sources = parts.facts.map((source, kind) => ({ source, kind })).filter(({ source, kind }) => kind >= from && (type === undefined || (source.types as readonly string[]).includes(type)));
  for (const { source, kind } of sources) {
    const page = await pageOf(parts as unknown as RepublishParts<Service>, source as unknown as FactSource<Service>, kind === from ? afterId : NONE, limit);
    if (page.length === 0) continue;
    const published = await parts.transactions.inPatients([...new Set(page.map((row) => row.patientId))], cause, (unit) => stateAgain(unit, source, page, type));
    return { looked: page.length, published, next: [kind, page.at(-1)!.id] };
  }
  return { looked: 0, published: 0, next: undefined };
};

const stateAgain = async <S extends Service>(unit: Unit<S>, source: FactSource<S>, page: readonly PatientRow[], type: string | undefined): Promise<number> => {
  let published = 0;
  for (const { id, patientId } of page) {
    const row = await unit.rows(source.entity).get(patientId, id);
    const event = row && source.stated(row as never);
    if (!event || (type !== undefined && event.type !== type)) continue;
    unit.publish(event as never);
    published += 1;
  }
  return published;
};
