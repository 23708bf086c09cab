import { keepsPatients } from '@throughline/platform/patients/patient-keeper';
import { kept } from '@throughline/platform/persistence/kept';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { Tx } from '../../application/ports.js';
import { FollowUpRow } from './follow-up.row.js';

export const postgresTx = (unit: Unit<'scheduling'>): Tx => ({
  now: unit.now.toISOString(),
  ...keepsPatients(unit),
  followUps: kept(unit.rows(FollowUpRow), (it) => ({
    id: it.id,
    patientId: it.patientId,
    dischargeId: it.dischargeId,
    status: it.status,
    dueAt: new Date(it.window.dueAt),
    body: it,
  })),
  publish: (...events) => unit.publish(...events),
});
