import type { EventOf } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import type { Tx } from './ports.js';

/** A discharge is announced, or the announcement taken back. It opens nothing: protocols have no steps before the discharge yet. */
export const notePlannedDischarge = async ({ id, time, data }: EventOf<'care.discharge.planned.v1'>, tx: Tx): Promise<void> =>
  tx.tell({
    id: idOf('history', id), patientId: data.patientId, at: time,
    kind: data.withdrawn ? 'discharge.plan-withdrawn' : 'discharge.planned', label: data.withdrawn ? 'Planned discharge taken back' : 'Discharge planned',
    ...(data.expectedAt && !data.withdrawn ? { detail: `expected ${data.expectedAt}` } : {}),
  });
