import type { Recovers } from '@throughline/platform/recovery/recovers';
import { joinAll } from '../../application/add-line.js';
import type { Tx } from '../../application/ports.js';
import { restoreReconciliation } from '../../application/restore-reconciliation.js';

/** A reconciliation goes by the discharge as it stands: older words on it would take back what was restored. */
export const recovers: Recovers<'medication-reconciliation', Tx> = {
  restores: {
    'care.reconciliation.opened.v1': restoreReconciliation,
    'care.reconciliation.changed.v1': restoreReconciliation,
    'care.reconciliation.completed.v1': restoreReconciliation,
    'care.reconciliation.withdrawn.v1': restoreReconciliation,
  },
  passesOver: ['care.discharge.recorded.v1', 'care.discharge.withdrawn.v1'],
  settle: joinAll,
};
