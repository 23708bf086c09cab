import type { EventOf } from '@throughline/contracts/flow';
import type { Reconciliation } from '../domain/reconciliation.js';
import type { Tx } from './ports.js';

type ReconciliationEvent =
  | EventOf<'care.reconciliation.opened.v1'>
  | EventOf<'care.reconciliation.changed.v1'>
  | EventOf<'care.reconciliation.completed.v1'>
  | EventOf<'care.reconciliation.withdrawn.v1'>;

/** After the database was put back to an older copy: the reconciliation is again as it was last stated, with who attested it. */
export const restoreReconciliation = async ({ data, correlationId }: ReconciliationEvent, tx: Tx): Promise<readonly string[]> => {
  const { reconciliationId: id, status, completed, encounterId, ...stated } = data;
  const known = await tx.reconciliations.get(data.patientId, id);
  const identity = { ...stated, id, encounterId: encounterId ?? known?.encounterId ?? '', correlationId: known?.correlationId ?? correlationId };
  const attested = known?.status === 'completed' ? known.completed : { at: completed?.at ?? data.openedAt, by: completed?.by ?? 'service:medication-reconciliation' };
  const reconciliation: Reconciliation = status === 'completed' ? { ...identity, status, completed: attested } : { ...identity, status };
  tx.reconciliations.put(reconciliation);
  return [
    ...(status === 'completed' && known?.status !== 'completed' ? ['the note of who attested it, if there was one'] : []),
    ...(identity.encounterId === '' ? ['the stay it belongs to'] : []),
  ];
};
