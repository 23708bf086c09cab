import { keepsPatients } from '@throughline/platform/patients/patient-keeper';
import { kept } from '@throughline/platform/persistence/kept';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { Tx } from '../../application/ports.js';
import { MedicationLineRow } from './medication-line.row.js';
import { ReconciliationRow } from './reconciliation.row.js';

export const postgresTx = (unit: Unit<'medication-reconciliation'>): Tx => ({
  now: unit.now.toISOString(),
  catchingUp: unit.catchingUp,
  ...keepsPatients(unit),
  lines: kept(unit.rows(MedicationLineRow), (it) => ({ id: it.id, patientId: it.patientId, receivedAt: new Date(it.receivedAt), body: it })),
  reconciliations: kept(unit.rows(ReconciliationRow), (it) => ({
    id: it.id,
    patientId: it.patientId,
    dischargeId: it.dischargeId,
    status: it.status,
    openedAt: new Date(it.openedAt),
    body: it,
  })),
  publish: (...events) => unit.publish(...events),
});
