import type { StatementSaid } from '../../domain/statement.js';
import type { Reason } from './er7.js';

export interface StatementsRead {
  readonly statements: readonly StatementSaid[];
  readonly reasons: readonly Reason[];
}

/** Tells statements of one message that bear the same number, or none, from each other: by their place. */
export const apart = (statements: readonly StatementSaid[]): readonly StatementSaid[] => {
  const counts = new Map<string, number>();
  return statements.map((one) => {
    const key = JSON.stringify([one.kind, one.number]);
    const place = (counts.get(key) ?? 0) + 1;
    counts.set(key, place);
    return place === 1 ? one : { ...one, place };
  });
};
