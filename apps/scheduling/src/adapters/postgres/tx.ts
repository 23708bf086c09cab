import type { Unit } from '@throughline/platform/persistence/unit';
import type { Tx } from '../../application/ports.js';
import { FollowUpRow } from './follow-up.row.js';
import { kept } from './kept.js';
import { PatientFactRow } from './patient-fact.row.js';

export const postgresTx = (unit: Unit<'scheduling'>): Tx => ({
  now: unit.now.toISOString(),
  patients: kept(unit.rows(PatientFactRow), (it) => ({ id: it.patientId, patientId: it.patientId, body: it })),
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
