import type { DataOf } from '@throughline/contracts/flow';
import type { Stamp } from './kept.js';
import { hear, type PatientFacts } from './patient.js';
import type { Person } from './person.js';
import type { PrescriptionFacts } from './prescription.js';
import type { Identifier } from './said.js';
import { newEncounter, type DischargeFacts, type EncounterFacts } from './stay.js';

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

export const restoreEncounter = (person: Person, { version, ...published }: DataOf<'care.encounter.recorded.v1'>, stamp: Stamp): Person => {
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

export const restoreDischarge = (person: Person, { version, ...published }: DataOf<'care.discharge.recorded.v1'>): Person => {
  const { dischargeId, encounterId, patientId, n } = published;
  const discharge = { dischargeId, encounterId, patientId, n, version, published: published as DischargeFacts };
  return { ...person, discharges: [...person.discharges.filter((one) => one.dischargeId !== dischargeId), discharge] };
};

export const restoreLine = (person: Person, { version, ...published }: DataOf<'care.prescription.added.v1'>, stamp: Stamp): Person => {
  const known = person.lines.find((one) => one.lineId === published.lineId);
  const { lineId, patientId, source, encounterId: _stay, dischargeId: _discharge, ...said } = published;
  const line = { ...(known?.stay ? { stay: known.stay } : {}), lineId, patientId, source, said, stamp, version, published: published as PrescriptionFacts, restored: true as const };
  return { ...person, lines: [...person.lines.filter((one) => one !== known), line] };
};
