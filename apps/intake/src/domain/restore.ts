import type { DataOf } from '@throughline/contracts/flow';
import type { Stamp } from './kept.js';
import { hearMerge, mergesInForce, part } from './merge.js';
import { hear, type PatientFacts } from './patient.js';
import type { Person } from './person.js';
import type { PrescriptionFacts } from './prescription.js';
import type { Identifier } from './said.js';
import { newEncounter, type DischargeFacts, type DischargeState, type EncounterFacts, type PlanFacts } from './stay.js';

/*
 * After the database was put back to an older copy: what was published since is known as published, at its version, so that
 * nothing else gets that version. The messages it came from are gone; sent again, they change what differs and nothing else.
 */

/** `stamp`: when the fact was stated. */
export const restorePatient = (person: Person, { version, ...published }: DataOf<'care.patient.recorded.v1'>, stamp: Stamp): { person: Person; identifiers: readonly Identifier[] } => {
  const { recordNumber } = published;
  const identifiers: readonly Identifier[] = recordNumber ? [{ kind: 'record-number', own: true, ...recordNumber }] : [];
  const { name, birthDate, sex, phone, language, zone, deceased } = published;
  const known = person.patient.identifiers.some((one) => one.kind === 'record-number' && one.value === recordNumber?.value && one.authority === recordNumber.authority);
  const said = { identifiers: known ? [] : identifiers, name, birthDate, sex, phone, language, zone, deceased };
  return { person: { ...person, patient: { ...hear(person.patient, said, stamp), version, published: published as PatientFacts } }, identifiers };
};

/** Which id the record goes by, and as if it had been said so when the fact was stated: the messages that said it are gone. */
export const restoreAlias = (person: Person, { version, ...published }: DataOf<'care.patients.merged.v1'>, stamp: Stamp): Person => {
  const { patient } = person;
  const { patientId, survivorId, together } = published;
  const alone = together.length === 1;
  const into = mergesInForce(patient).at(-1)?.into;
  const heard = alone ? part(patient, stamp) : survivorId === patientId || survivorId === into ? patient : hearMerge(patient, { ...stamp, into: survivorId });
  return { ...person, patient: { ...heard, alias: { version, published } } };
};

type ReturnFact = { readonly kind: 'readmission'; readonly data: DataOf<'care.patient.readmitted.v1'> } | { readonly kind: 'emergencyVisit'; readonly data: DataOf<'care.emergency.visited.v1'> };

/** That the person was back: kept with the stay that it is about. */
export const restoreReturn = (person: Person, { kind, data: { version, ...published } }: ReturnFact): Person => {
  const known = person.encounters.find((one) => one.encounterId === published.encounterId) ?? newEncounter(published.encounterId, published.patientId);
  return { ...person, encounters: [...person.encounters.filter((one) => one !== known), { ...known, [kind]: { version, published } }] };
};

type Recorded = DataOf<'care.encounter.recorded.v1'>;
type Withdrawn = DataOf<'care.encounter.withdrawn.v1'> & { readonly status: 'withdrawn' };

export const restoreEncounter = (person: Person, { version, ...published }: Recorded | Withdrawn, stamp: Stamp): Person => {
  const known = person.encounters.find((one) => one.encounterId === published.encounterId) ?? newEncounter(published.encounterId, published.patientId);
  const { encounterClass, facility, admittedAt } = published;
  const kept = <T>(value: T | undefined) => (value === undefined ? undefined : { value, ...stamp });
  const encounter = {
    ...known,
    version,
    published: published as EncounterFacts,
    seen: true,
    encounterClass: kept(encounterClass) ?? known.encounterClass,
    facility: kept(facility) ?? known.facility,
    admittedAt: kept(admittedAt) ?? known.admittedAt,
    restored: true as const,
  };
  return { ...person, encounters: [...person.encounters.filter((one) => one !== known), encounter] };
};

const withDischarge = (person: Person, discharge: DischargeState): Person => {
  const known = person.discharges.find((one) => one.dischargeId === discharge.dischargeId);
  return { ...person, discharges: [...person.discharges.filter((one) => one !== known), { ...known, ...discharge }] };
};

export const restoreDischarge = (person: Person, { version, ...published }: DataOf<'care.discharge.recorded.v1'>): Person => {
  const { dischargeId, encounterId, patientId, n } = published;
  return withDischarge(person, { dischargeId, encounterId, patientId, n, version, published: published as DischargeFacts });
};

export const restorePlan = (person: Person, { version, ...plan }: DataOf<'care.discharge.planned.v1'>): Person => {
  const { dischargeId, encounterId, patientId, n } = plan;
  return withDischarge(person, { dischargeId, encounterId, patientId, n, version, plan: plan as PlanFacts });
};

export const restoreLine = (person: Person, { version, ...published }: DataOf<'care.prescription.added.v1'>, stamp: Stamp): Person => {
  const known = person.lines.find((one) => one.lineId === published.lineId);
  const { lineId, patientId, source, encounterId: _stay, dischargeId: _discharge, ...said } = published;
  const line = { ...(known?.stay ? { stay: known.stay } : {}), lineId, patientId, source, said, stamp, version, published: published as PrescriptionFacts, restored: true as const };
  return { ...person, lines: [...person.lines.filter((one) => one !== known), line] };
};
