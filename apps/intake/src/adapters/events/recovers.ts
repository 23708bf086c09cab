import type { Recovers } from '@throughline/platform/recovery/recovers';
import { aliasRestored, dischargeRestored, documentRestored, encounterRestored, encounterWithdrawalRestored, lineRestored, patientRestored, planRestored } from '../../application/restore-facts.js';
import type { IntakeTx } from '../../application/ports.js';

/** What was published is known again; the raw messages of that time are not, and their senders have to send them again. */
export const recovers: Recovers<'intake', IntakeTx> = {
  restores: {
    'care.patient.recorded.v1': patientRestored,
    'care.patients.merged.v1': aliasRestored,
    'care.encounter.recorded.v1': encounterRestored,
    'care.encounter.withdrawn.v1': encounterWithdrawalRestored,
    'care.discharge.planned.v1': planRestored,
    'care.discharge.recorded.v1': dischargeRestored,
    'care.discharge.withdrawn.v1': dischargeRestored,
    'care.prescription.added.v1': lineRestored,
    'care.document.received.v1': documentRestored,
  },
  passesOver: [],
};
