import type { Consumes } from '@throughline/contracts/flow';
import type { Tx } from '../../application/ports.js';
import { recordDischarge } from '../../application/record-discharge.js';
import { mergePatients } from '../../application/merge-patients.js';
import { notePlannedDischarge } from '../../application/note-planned-discharge.js';
import { recordPatient } from '../../application/record-patient.js';
import { recordReferral } from '../../application/record-referral.js';
import { recordEncounter, withdrawEncounter } from '../../application/record-encounter.js';
import { documentReceived, followUpBooked, followUpUnbooked, reconciliationCompleted, reconciliationNoted } from '../../application/record-evidence.js';

export const consumes: Consumes<'care-plan', Tx> = {
  'care.patient.recorded.v1': recordPatient,
  'care.patients.merged.v1': mergePatients,
  'care.patient.referred.v1': recordReferral,
  'care.encounter.recorded.v1': recordEncounter,
  'care.encounter.withdrawn.v1': withdrawEncounter,
  'care.discharge.planned.v1': notePlannedDischarge,
  'care.discharge.recorded.v1': recordDischarge,
  'care.discharge.withdrawn.v1': recordDischarge,
  'care.document.received.v1': documentReceived,
  'care.reconciliation.opened.v1': async (event, tx) => reconciliationNoted(event, tx),
  // Lines joined it: medication-reconciliation shows them, nothing here waits for them.
  'care.reconciliation.changed.v1': async () => {},
  'care.reconciliation.completed.v1': reconciliationCompleted,
  'care.reconciliation.withdrawn.v1': async (event, tx) => reconciliationNoted(event, tx),
  'care.follow-up.requested.v1': followUpUnbooked,
  'care.follow-up.booked.v1': followUpBooked,
  'care.follow-up.withdrawn.v1': followUpUnbooked,
};
