import { factsIn, type FactSource } from '@throughline/platform/service/facts';
import { DischargeRow } from './discharge.row.js';
import { EncounterRow } from './encounter.row.js';
import { PatientRow } from './patient.row.js';
import { PrescriptionRow } from './prescription.row.js';

/** Each row keeps the fact as it was last published. */
export const facts: readonly FactSource<'intake'>[] = [
  factsIn(PatientRow, ['care.patient.recorded.v1'], ({ body: { published, version } }) => published && { type: 'care.patient.recorded.v1', data: { ...published, version } }),
  factsIn(EncounterRow, ['care.encounter.recorded.v1'], ({ body: { published, version } }) => published && { type: 'care.encounter.recorded.v1', data: { ...published, version } }),
  factsIn(DischargeRow, ['care.discharge.recorded.v1', 'care.discharge.withdrawn.v1'], ({ body: { published, version } }) => ({
    type: published.withdrawn ? 'care.discharge.withdrawn.v1' : 'care.discharge.recorded.v1',
    data: { ...published, version },
  })),
  factsIn(PrescriptionRow, ['care.prescription.added.v1'], ({ body: { published, version } }) => published && { type: 'care.prescription.added.v1', data: { ...published, version } }),
];
