import { factsIn, type FactSource } from '@throughline/platform/service/facts';
import { reconciliationEvent, RECONCILIATION_TYPES } from '../../application/announce.js';
import { ReconciliationRow } from './reconciliation.row.js';

const announcedBy = { open: 'changed', completed: 'completed', withdrawn: 'withdrawn' } as const;

export const facts: readonly FactSource<'medication-reconciliation'>[] = [
  factsIn(ReconciliationRow, RECONCILIATION_TYPES, ({ body }) => ({
    ...reconciliationEvent({ announces: body.version === 1 ? 'opened' : announcedBy[body.status], reconciliation: body }),
    correlationId: body.correlationId,
  })),
];
