import type { Publishes } from '@throughline/contracts/flow';
import { dischargeFacts } from './discharge.js';
import type { FollowUpRules } from './follow-up.js';
import { sameFact } from './kept.js';
import { factsOf, isDeceased, type PatientState } from './patient.js';
import { lineFacts, type PrescriptionState } from './prescription.js';
import { departuresOf, encounterFacts, type DischargeState, type EncounterState } from './stay.js';

/** Everything intake keeps of one person. */
export interface Person {
  readonly patient: PatientState;
  readonly encounters: readonly EncounterState[];
  readonly discharges: readonly DischargeState[];
  readonly lines: readonly PrescriptionState[];
}

export interface Publication {
  readonly person: Person;
  readonly events: readonly Publishes<'intake'>[];
}

type Published<F> = { readonly version: number; readonly published?: F | undefined };

/** The next version of a fact when it differs from what was last published; undefined when it does not. */
const nextOf = <F extends object>(state: Published<F>, facts: F): (F & { version: number }) | undefined =>
  sameFact(state.published, facts) ? undefined : { ...facts, version: state.version + 1 };

const publishPatient = (patient: PatientState, events: Publishes<'intake'>[]): PatientState => {
  const facts = factsOf(patient);
  const data = nextOf(patient, facts);
  if (!data) return patient;
  events.push({ type: 'care.patient.recorded.v1', data });
  return { ...patient, version: data.version, published: facts };
};

const publishEncounter = (encounter: EncounterState, events: Publishes<'intake'>[]): EncounterState => {
  if (!encounter.seen || encounter.restored) return encounter;
  const facts = encounterFacts(encounter);
  const data = nextOf(encounter, facts);
  if (!data) return encounter;
  events.push({ type: 'care.encounter.recorded.v1', data });
  return { ...encounter, version: data.version, published: facts };
};

const publishDischarges = (
  encounter: EncounterState,
  known: readonly DischargeState[],
  deceased: boolean,
  rules: FollowUpRules,
  events: Publishes<'intake'>[],
): readonly DischargeState[] =>
  departuresOf(encounter.facts).map((departure) => {
    const before = known.find((one) => one.encounterId === encounter.encounterId && one.n === departure.n);
    const facts = dischargeFacts(encounter, departure, deceased, rules);
    const data = nextOf(before ?? { version: 0 }, facts);
    if (!data) return before!;
    events.push({ type: facts.withdrawn ? 'care.discharge.withdrawn.v1' : 'care.discharge.recorded.v1', data });
    return { dischargeId: facts.dischargeId, encounterId: facts.encounterId, patientId: facts.patientId, n: facts.n, version: data.version, published: facts };
  });

const publishLine = (line: PrescriptionState, encounters: readonly EncounterState[], events: Publishes<'intake'>[]): PrescriptionState => {
  if (line.restored) return line;
  const facts = lineFacts(line, encounters);
  const data = nextOf(line, facts);
  if (!data) return line;
  events.push({ type: 'care.prescription.added.v1', data });
  return { ...line, version: data.version, published: facts };
};

/** States every fact that is not as it was last published. A fact that did not change is not published. */
export const publish = (person: Person, rules: FollowUpRules): Publication => {
  const events: Publishes<'intake'>[] = [];
  const patient = publishPatient(person.patient, events);
  const encounters = person.encounters.map((one) => publishEncounter(one, events));
  const deceased = isDeceased(patient);
  const discharges = encounters.flatMap((one) => publishDischarges(one, person.discharges, deceased, rules, events));
  const lines = person.lines.map((one) => publishLine(one, encounters, events));
  return { person: { patient, encounters, discharges, lines }, events };
};
