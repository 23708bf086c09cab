import { rowLedger } from '@throughline/platform/service/row-ledger';

export const followUpLedger = rowLedger('follow-up', 'follow_up', {
  at: "body->>'requestedAt'",
  correlationId: "body->>'correlationId'",
  outcome: 'status',
  dischargeId: 'discharge_id',
});
