import { keepsPatients } from '@throughline/platform/patients/patient-keeper';
import { kept } from '@throughline/platform/persistence/kept';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { Tx } from '../../application/ports.js';
import { FollowUpRow } from './follow-up.row.js';
import { StatedAppointmentRow } from './stated-appointment.row.js';

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
  statedAppointments: kept(unit.rows(StatedAppointmentRow), (it) => ({ id: it.id, patientId: it.patientId, startsAt: it.startsAt ? new Date(it.startsAt) : null, body: it })),
  publish: (...events) => unit.publish(...events),
});
