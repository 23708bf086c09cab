import type { DocumentState } from '../domain/document.js';
import type { Ladder, SummaryChase } from '../domain/summary-chase.js';

/** What the search for discharge summaries can touch, beside the rest of `IntakeTx`. */
export interface ChaseTx {
  /** Empty: no source is configured, and nothing is asked for. */
  readonly ladder: Ladder;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** Patients of whom this transaction stated a discharge or a document. */
  readonly touched: ReadonlySet<string>;
  /** All of the person's. */
  documents(patientId: string): Promise<readonly DocumentState[]>;
  of(patientId: string): Promise<readonly SummaryChase[]>;
  /** Asks for the alarm when it is due at another time than `before`. */
  keep(chase: SummaryChase, before: SummaryChase | undefined): void;
  /** On record before anything leaves: the person's numbers are told to the source. */
  disclose(chase: SummaryChase): void;
  /** A transaction asks nobody: whoever does is woken. */
  wake(): void;
}

export interface DueChase {
  readonly chaseId: string;
  readonly patientId: string;
}

/** A chase as operators see it. */
export interface ChaseSeen extends SummaryChase {
  readonly sort: string;
}

export interface ChaseReads {
  /** Due by then, oldest first. */
  due(until: Date, limit: number): Promise<readonly DueChase[]>;
  /** Newest first, after `[since, id]`. */
  list(status: string | undefined, after: readonly (string | number | null)[] | undefined, limit: number): Promise<readonly ChaseSeen[]>;
}

export const CHASE_READS = Symbol('intake:chase-reads');
