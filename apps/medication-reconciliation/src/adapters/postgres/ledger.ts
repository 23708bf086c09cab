import { rowLedger } from '@throughline/platform/service/row-ledger';

export const reconciliationLedger = rowLedger('reconciliation', 'reconciliation', {
  at: 'opened_at',
  correlationId: "body->>'correlationId'",
  outcome: 'status',
  dischargeId: 'discharge_id',
});
