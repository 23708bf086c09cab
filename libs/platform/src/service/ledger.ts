import type { Sql } from '../persistence/sql.js';

/** One line of `GET /api/<service>/ledger`: ids, codes and times; no content, no names. */
export interface LedgerItem {
  readonly id: string;
  readonly at: Date | string;
  readonly correlationId: string | null;
  /** `inbound`, `episode`, `task`, `reconciliation`, `follow-up`, `notice`, `message` */
  readonly kind: string;
  /** Id of what the line is about. */
  readonly subject: string;
  readonly outcome: string;
  readonly dischargeId?: string | null;
  readonly [more: string]: unknown;
}

export interface LedgerRow extends LedgerItem {
  /** Where the next page of this source begins: an order that never changes for a row (its id, its number). Not shown. */
  readonly cursor: string;
}

/** Rows with a cursor greater than `after` (all when undefined), in cursor order, at most `limit`. */
export type LedgerSource = (sql: Sql, after: string | undefined, limit: number) => Promise<readonly LedgerRow[]>;
