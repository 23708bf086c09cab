import { reconciliationId } from '@throughline/kernel/ids';
import { followDischarge as decide } from '../domain/reconciliation.js';
import { announce } from './announce.js';
import type { Tx } from './ports.js';

export interface FollowDischarge {
  readonly patientId: string;
  readonly dischargeId: string;
  readonly encounterId: string;
  readonly followUpWanted: boolean;
  readonly withdrawn: boolean;
  readonly correlationId: string;
}

/** One reconciliation per discharge that wants a follow-up, with the lines that are there already. */
export const followDischarge = async (input: FollowDischarge, tx: Tx): Promise<void> => {
  const id = reconciliationId(input.dischargeId);
  const [current, lines] = [await tx.reconciliations.get(input.patientId, id), await tx.lines.of(input.patientId)];
  const fact = {
    reconciliationId: id,
    patientId: input.patientId,
    dischargeId: input.dischargeId,
    encounterId: input.encounterId,
    wanted: input.followUpWanted && !input.withdrawn,
    correlationId: input.correlationId,
  };
  announce(decide(current, fact, lines, tx.now), tx);
};
