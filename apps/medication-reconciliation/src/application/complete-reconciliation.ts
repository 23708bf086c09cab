import { Refused } from '@throughline/kernel/refused';
import { complete, type Reconciliation } from '../domain/reconciliation.js';
import { announce } from './announce.js';
import type { Tx } from './ports.js';

export interface CompleteReconciliation {
  readonly reconciliationId: string;
  readonly patientId: string;
  /** `sub` of the person who attests it. */
  readonly by: string;
  readonly note?: string | undefined;
}

/** A person compared the lists and attests it. */
export const completeReconciliation = async (input: CompleteReconciliation, tx: Tx): Promise<Reconciliation> => {
  const current = await tx.reconciliations.get(input.patientId, input.reconciliationId);
  if (!current) throw new Refused('not-found', 'There is no such reconciliation. Read the list again.');
  const change = complete(current, { at: tx.now, by: input.by, ...(input.note === undefined ? {} : { note: input.note }) });
  announce(change, tx);
  return change.reconciliation;
};
