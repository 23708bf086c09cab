import type { Mismatch, PositionRow } from '../runner/positions.js';

export interface PositionView extends PositionRow {
  /** Why the partition is not read, when it is not. */
  readonly mismatch: Mismatch['reason'] | null;
}

export const positionsView = (rows: readonly PositionRow[], mismatches: readonly Mismatch[]): readonly PositionView[] =>
  rows.map((row) => ({ ...row, mismatch: mismatches.find((one) => one.topic === row.topic && one.partition === row.partition)?.reason ?? null }));
