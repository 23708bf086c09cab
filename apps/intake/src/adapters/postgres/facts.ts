import type { Publishes } from '@throughline/contracts/flow';
import { factsIn, type FactSource } from '@throughline/platform/service/facts';
import { STATEMENT_TYPES, statementEvent } from '../../domain/statement.js';
import { DischargeRow } from './discharge.row.js';
import { DocumentRow } from './document.row.js';
import { EncounterRow } from './encounter.row.js';
import { PatientRow } from './patient.row.js';
import { PrescriptionRow } from './prescription.row.js';
import { StatementRow } from './statement.row.js';

const encounterEvent = ({ body: { published, version } }: EncounterRow): Publishes<'intake'> | undefined => {
  if (!published) return undefined;
  const { status, ...rest } = published;
  if (status === 'withdrawn') return { type: 'care.encounter.withdrawn.v1', data: { ...rest, version } };
  return { type: 'care.encounter.recorded.v1', data: { ...rest, status, version } };
};

const dischargeEvent = ({ body: { published, plan, version } }: DischargeRow): Publishes<'intake'> | undefined => {
  if (published) return { type: published.withdrawn ? 'care.discharge.withdrawn.v1' : 'care.discharge.recorded.v1', data: { ...published, version } };
  return plan && { type: 'care.discharge.planned.v1', data: { ...plan, version } };
};

/** Each row keeps the fact as it was last published. */
export const facts: readonly FactSource<'intake'>[] = [
  factsIn(PatientRow, ['care.patient.recorded.v1'], ({ body: { published, version } }) => published && { type: 'care.patient.recorded.v1', data: { ...published, version } }),
  factsIn(PatientRow, ['care.patients.merged.v1'], ({ body: { alias } }) => alias && { type: 'care.patients.merged.v1', data: { ...alias.published, version: alias.version } }),
  factsIn(EncounterRow, ['care.encounter.recorded.v1', 'care.encounter.withdrawn.v1'], encounterEvent),
  factsIn(EncounterRow, ['care.patient.readmitted.v1'], ({ body: { readmission: one } }) => one && { type: 'care.patient.readmitted.v1', data: { ...one.published, version: one.version } }),
  factsIn(EncounterRow, ['care.emergency.visited.v1'], ({ body: { emergencyVisit: one } }) => one && { type: 'care.emergency.visited.v1', data: { ...one.published, version: one.version } }),
  factsIn(DischargeRow, ['care.discharge.recorded.v1', 'care.discharge.withdrawn.v1', 'care.discharge.planned.v1'], dischargeEvent),
  factsIn(DocumentRow, ['care.document.received.v1'], ({ body: { published, version } }) => published && { type: 'care.document.received.v1', data: { ...published, version } }),
  factsIn(StatementRow, STATEMENT_TYPES, ({ body: { said, published, version } }) => published && statementEvent(said.kind, { ...published, version })),
  factsIn(PrescriptionRow, ['care.prescription.added.v1'], ({ body: { published, version } }) => published && { type: 'care.prescription.added.v1', data: { ...published, version } }),
];
