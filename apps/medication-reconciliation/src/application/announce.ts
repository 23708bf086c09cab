import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { Change, Reconciliation } from '../domain/reconciliation.js';
import type { Tx } from './ports.js';

type ReconciliationData = DataOf<'care.reconciliation.opened.v1'>;

const TYPES = {
  opened: 'care.reconciliation.opened.v1',
  changed: 'care.reconciliation.changed.v1',
  completed: 'care.reconciliation.completed.v1',
  withdrawn: 'care.reconciliation.withdrawn.v1',
} as const satisfies Record<Change['announces'], Publishes<'medication-reconciliation'>['type']>;

const dataOf = (it: Reconciliation): ReconciliationData => ({
  patientId: it.patientId,
  version: it.version,
  reconciliationId: it.id,
  dischargeId: it.dischargeId,
  encounterId: it.encounterId,
  status: it.status,
  openedAt: it.openedAt,
  lineIds: [...it.lineIds],
  // The note stays here: no free text leaves on a topic.
  ...(it.status === 'completed' ? { completed: { at: it.completed.at, by: it.completed.by } } : {}),
});

export const RECONCILIATION_TYPES = Object.values(TYPES);

/** The event that states a reconciliation as it is. */
export const reconciliationEvent = ({ announces, reconciliation }: Change): Publishes<'medication-reconciliation'> => ({ type: TYPES[announces], data: dataOf(reconciliation) });

/** Keeps what a decision changed and tells the others. A decision that changed nothing publishes nothing. */
export const announce = (change: Change | undefined, tx: Tx): void => {
  if (!change) return;
  tx.reconciliations.put(change.reconciliation);
  tx.publish(reconciliationEvent(change));
};
