import { rowLedger } from '@throughline/platform/service/row-ledger';

export const episodeLedger = rowLedger('episode', 'episode', {
  at: 'opened_at',
  correlationId: 'correlation_id',
  outcome: 'status',
  status: 'status',
  dischargeId: 'discharge_id',
  referralId: 'referral_id',
  protocolId: 'protocol_id',
  protocolVersion: 'protocol_version',
  version: 'version',
});

export const taskLedger = rowLedger('task', 'task', {
  at: 'opened_at',
  correlationId: 'correlation_id',
  outcome: 'status',
  status: 'status',
  dischargeId: 'discharge_id',
  referralId: 'referral_id',
  episodeId: 'episode_id',
  stepId: 'step_id',
  dueAt: 'due_at',
  version: 'version',
});
