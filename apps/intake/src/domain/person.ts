import type { Publishes } from '@throughline/contracts/flow';
import { dischargeFacts, planFacts } from './discharge.js';
import type { FollowUpRules } from './follow-up.js';
import { sameFact } from './kept.js';
import { personsOf } from './merge.js';
import { factsOf, isDeceased, type PatientState } from './patient.js';
import { lineFacts, type PrescriptionState } from './prescription.js';
import { plannedOrLeft, type Departure } from './departures.js';
import { publishReturns } from './returns.js';
import { encounterFacts, statusOf, type DischargeState, type EncounterState } from './stay.js';

/** Everything intake keeps of one person, under every id that names them. */
export interface Person {
  /** The record that is spoken of. */
  readonly patient: PatientState;
  /** The person's other records. */
  readonly others: readonly PatientState[];
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
export const nextOf = <F extends object>(state: Published<F>, facts: F): (F & { version: number }) | undefined =>
  sameFact(state.published, facts) ? undefined : { ...facts, version: state.version + 1 };

const publishPatient = (patient: PatientState, deceased: boolean, events: Publishes<'intake'>[]): PatientState => {
  const facts = factsOf(patient, deceased);
  const data = nextOf(patient, facts);
  if (!data) return patient;
  events.push({ type: 'care.patient.recorded.v1', data });
  return { ...patient, version: data.version, published: facts };
};

/** Says of every record which id it goes by. One that was always alone is not spoken of. */
const publishAliases = (patients: readonly PatientState[], events: Publishes<'intake'>[]): readonly PatientState[] => {
  const { aliases } = personsOf(patients);
  return patients.map((patient) => {
    const facts = aliases.get(patient.patientId)!;
    if (!patient.alias && facts.together.length === 1) return patient;
    const data = nextOf(patient.alias ?? { version: 0 }, facts);
    if (!data) return patient;
    events.push({ type: 'care.patients.merged.v1', data });
    return { ...patient, alias: { version: data.version, published: facts } };
  });
};

const publishEncounter = (encounter: EncounterState, rules: FollowUpRules, events: Publishes<'intake'>[]): EncounterState => {
  const status = statusOf(encounter);
  if (status === undefined || encounter.restored) return encounter;
  // Nobody was told of it.
  if (status === 'withdrawn' && !encounter.published) return encounter;
  const facts = encounterFacts(encounter, status, rules);
  const data = nextOf(encounter, facts);
  if (!data) return encounter;
  const { status: said, ...rest } = data;
  events.push(said === 'withdrawn' ? { type: 'care.encounter.withdrawn.v1', data: rest } : { type: 'care.encounter.recorded.v1', data: { ...rest, status: said } });
  return { ...encounter, version: data.version, published: facts };
};

const publishPlan = (encounter: EncounterState, departure: Departure, before: DischargeState, events: Publishes<'intake'>[]): DischargeState => {
  const facts = planFacts(encounter, departure);
  const data = nextOf({ version: before.version, published: before.plan }, facts);
  if (!data || (!before.plan && facts.withdrawn)) return before;
  events.push({ type: 'care.discharge.planned.v1', data });
  return { ...before, version: data.version, plan: facts };
};

const publishDischarges = (
  encounter: EncounterState,
  known: readonly DischargeState[],
  deceased: boolean,
  rules: FollowUpRules,
  events: Publishes<'intake'>[],
): readonly DischargeState[] =>
  plannedOrLeft(encounter.facts).flatMap((departure): readonly DischargeState[] => {
    const { encounterId, patientId } = encounter;
    const { n } = departure;
    const before = known.find((one) => one.encounterId === encounterId && one.n === n);
    if (departure.accounts.length === 0) {
      const planned = publishPlan(encounter, departure, before ?? { dischargeId: planFacts(encounter, departure).dischargeId, encounterId, patientId, n, version: 0 }, events);
      return planned.version === 0 ? [] : [planned];
    }
    const facts = dischargeFacts(encounter, departure, deceased, rules);
    const data = nextOf(before ?? { version: 0 }, facts);
    if (!data) return [before!];
    events.push({ type: facts.withdrawn ? 'care.discharge.withdrawn.v1' : 'care.discharge.recorded.v1', data });
    return [{ dischargeId: facts.dischargeId, encounterId, patientId, n, version: data.version, published: facts, plan: before?.plan }];
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
  const deceased = [person.patient, ...person.others].some(isDeceased);
  // A record of which only its number is known has nothing to say.
  const heard = (patient: PatientState): boolean => patient.version > 0 || patient.identifiers.length > 0 || patient.name !== undefined;
  const said = [person.patient, ...person.others].map((patient) => (heard(patient) ? publishPatient(patient, deceased, events) : patient));
  const [patient, ...others] = publishAliases(said, events);
  const stays = person.encounters.map((one) => publishEncounter(one, rules, events));
  const discharges = stays.flatMap((one) => publishDischarges(one, person.discharges, deceased, rules, events));
  const encounters = stays.map((one) => publishReturns(one, discharges, rules, events));
  const lines = person.lines.map((one) => publishLine(one, encounters, events));
  return { person: { patient: patient!, others, encounters, discharges, lines }, events };
};

const recordsOf = (person: Person): readonly PatientState[] => [person.patient, ...person.others];

const byId = <T>(items: readonly T[], id: (item: T) => string): readonly T[] => [...new Map(items.map((item) => [id(item), item])).values()];

/** Everything kept of several persons as of one; the first one's record is the one that is spoken of. */
export const together = ([first, ...more]: readonly [Person, ...Person[]]): Person => {
  const all = [first, ...more];
  const records = byId(all.flatMap(recordsOf), (one) => one.patientId);
  return {
    patient: first.patient,
    others: records.filter((one) => one.patientId !== first.patient.patientId),
    encounters: byId(all.flatMap((one) => one.encounters), (one) => one.encounterId),
    discharges: byId(all.flatMap((one) => one.discharges), (one) => one.dischargeId),
    lines: byId(all.flatMap((one) => one.lines), (one) => one.lineId),
  };
};

/** As `publish`, of records that are one person, or several, by what was said of them. */
export const publishPersons = (records: Person, rules: FollowUpRules): Publication => {
  const patients = recordsOf(records);
  const { aliases } = personsOf(patients);
  const groups = [...Map.groupBy(patients, ({ patientId }) => aliases.get(patientId)!.survivorId).values()];
  const [first, ...more] = groups
    .map((group) => {
      const theirs = <T extends { readonly patientId: string }>(items: readonly T[]): readonly T[] => items.filter(({ patientId }) => group.some((one) => one.patientId === patientId));
      const [patient, ...others] = group;
      return publish({ patient: patient!, others, encounters: theirs(records.encounters), discharges: theirs(records.discharges), lines: theirs(records.lines) }, rules);
    });
  const person = together([first!.person, ...more.map((one) => one.person)]);
  const spokenOf = recordsOf(person).find(({ patientId }) => patientId === records.patient.patientId)!;
  return { person: { ...person, patient: spokenOf, others: recordsOf(person).filter((one) => one !== spokenOf) }, events: [first!, ...more].flatMap((one) => one.events) };
};

/** Records that go by another id than before, or by their own again: id -> the id it goes by. */
export const renamed = (before: Person, after: Person): ReadonlyMap<string, string> => {
  const was = new Map(recordsOf(before).map((one) => [one.patientId, one.alias?.published.survivorId ?? one.patientId]));
  const is = recordsOf(after).map((one): [string, string] => [one.patientId, one.alias?.published.survivorId ?? one.patientId]);
  return new Map(is.filter(([id, survivor]) => was.get(id) !== survivor));
};
