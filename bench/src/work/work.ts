import type { Service } from '@throughline/contracts/define-event';

/** A value as PostgreSQL prints and reads it. */
export type Cell = string | null;

export interface Column {
  readonly name: string;
  /** As PostgreSQL spells it. */
  readonly type: string;
  /** Of the primary key. */
  readonly key: boolean;
  /** In an index that allows a value once. */
  readonly unique: boolean;
  /** In any index. */
  readonly indexed: boolean;
}

/** What one discharge writes into a table, on average. */
export interface TableWork {
  readonly table: string;
  readonly columns: readonly Column[];
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
  /** Mean size of a row. */
  readonly rowBytes: number;
  /** Rows as they were found, in the order of the columns. */
  readonly samples: readonly (readonly Cell[])[];
}

export interface SampleRecord {
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What one discharge brings onto a topic, on average. */
export interface TopicWork {
  readonly messages: number;
  /** Mean size of key, value and headers. */
  readonly messageBytes: number;
  readonly samples: readonly SampleRecord[];
}

export interface ServiceWork {
  readonly service: Service;
  /** The topics it reads; the first is the one where the discharge begins. */
  readonly reads: readonly Service[];
  readonly tables: readonly TableWork[];
  readonly topic: TopicWork;
}

/** What one discharge costs in writes, service by service: taken from a run, so that it stays true as the product changes. */
export type Work = readonly ServiceWork[];

/** What was written per discharge, over all services. */
export interface Totals {
  readonly rows: number;
  /** Of inserted and updated rows. */
  readonly rowBytes: number;
  readonly messages: number;
  readonly messageBytes: number;
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

export const totalsOf = (work: Work): Totals => {
  const tables = work.flatMap(({ tables: of }) => of);
  return {
    rows: sum(tables.map(({ inserts, updates, deletes }) => inserts + updates + deletes)),
    rowBytes: sum(tables.map(({ inserts, updates, rowBytes }) => (inserts + updates) * rowBytes)),
    messages: sum(work.map(({ topic }) => topic.messages)),
    messageBytes: sum(work.map(({ topic }) => topic.messages * topic.messageBytes)),
  };
};
