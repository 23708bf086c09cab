import type { Consumes, EventOf } from '@throughline/contracts/flow';
import { patientEvents } from '@throughline/platform/patients/patient-events';
import { addLine, joinAll } from '../../application/add-line.js';
import { followDischarge } from '../../application/follow-discharge.js';
import type { Tx } from '../../application/ports.js';

const discharge = ({ data, correlationId }: EventOf<'care.discharge.recorded.v1'> | EventOf<'care.discharge.withdrawn.v1'>, withdrawn: boolean, tx: Tx): Promise<void> =>
  followDischarge(
    {
      patientId: data.patientId,
      dischargeId: data.dischargeId,
      encounterId: data.encounterId,
      followUpWanted: data.followUp.wanted,
      withdrawn,
      correlationId,
    },
    tx,
  );

export const consumes: Consumes<'medication-reconciliation', Tx> = {
  ...patientEvents,
  'care.patients.merged.v1': async ({ data }, tx) => {
    for (const patientId of tx.nameAs(data.patientId, data.survivorId)) await joinAll(patientId, tx);
  },
  'care.discharge.recorded.v1': (event, tx) => discharge(event, event.data.withdrawn, tx),
  'care.discharge.withdrawn.v1': (event, tx) => discharge(event, true, tx),
  'care.prescription.added.v1': ({ data: { lineId, version: _version, ...said } }, tx) => addLine({ id: lineId, ...said }, tx),
};
