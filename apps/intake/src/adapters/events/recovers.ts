import type { Recovers } from '@throughline/platform/recovery/recovers';
import { aliasRestored, dischargeRestored, documentRestored, emergencyVisitRestored, encounterRestored, encounterWithdrawalRestored, lineRestored, patientRestored, planRestored, readmissionRestored, statementRestored } from '../../application/restore-facts.js';
import type { IntakeTx } from '../../application/ports.js';

/** What was published is known again; the raw messages of that time are not, and their senders have to send them again. */
export const recovers: Recovers<'intake', IntakeTx> = {
  restores: {
    'care.patient.recorded.v1': patientRestored,
    'care.patients.merged.v1': aliasRestored,
    'care.encounter.recorded.v1': encounterRestored,
    'care.encounter.withdrawn.v1': encounterWithdrawalRestored,
    'care.patient.readmitted.v1': readmissionRestored,
    'care.emergency.visited.v1': emergencyVisitRestored,
    'care.discharge.planned.v1': planRestored,
    'care.discharge.recorded.v1': dischargeRestored,
    'care.discharge.withdrawn.v1': dischargeRestored,
    'care.prescription.added.v1': lineRestored,
    'care.document.received.v1': documentRestored,
    'care.test.ordered.v1': statementRestored,
    'care.test.resulted.v1': statementRestored,
    'care.condition.stated.v1': statementRestored,
    'care.allergy.stated.v1': statementRestored,
    'care.appointment.stated.v1': statementRestored,
    'care.coverage.stated.v1': statementRestored,
    'care.patient.referred.v1': statementRestored,
  },
  passesOver: [],
};
