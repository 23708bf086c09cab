import type { SeveralPersons, Decision } from './decide.js';
import { findStay, nameStay } from './find-stay.js';
import type { FollowUpRules } from './follow-up.js';
import { stampOf } from './hear-message.js';
import type { Stamp } from './kept.js';
import { hearMerge, part, personsOf, type MergeFact, type Parting } from './merge.js';
import { hear } from './patient.js';
import { publishPersons, together, type Person } from './person.js';
import type { MergeSaid } from './said.js';
import { numbered } from './departures.js';
import { hearStay, newEncounter, type EncounterState } from './stay.js';
import { addFact } from './stay-facts.js';

type Decided = Pick<Decision, 'person' | 'events' | 'outcome' | 'flags'> & Partial<Pick<Decision, 'encounterId'>> & { readonly reason?: 'merge-of-one' | 'nothing-to-move' };

/**
 * Two or more records are one person's. No row moves: each record keeps what was filed under it, and what depends on the whole
 * person is decided again.
 * @param records everything kept under the records concerned; `patient` is the one that stands
 * @param retired patient ids of those it takes over
 */
export const decideMerge = (records: Person, pair: MergeSaid, retired: readonly string[], said: SeveralPersons, by: string, rules: FollowUpRules): Decided => {
  const stamp = stampOf(said, by);
  const patient = hear(records.patient, pair.into, stamp);
  const others = records.others.map((one) => (retired.includes(one.patientId) ? hearMerge(one, { ...stamp, into: patient.patientId }) : one));
  const { person, events } = publishPersons({ ...records, patient, others }, rules);
  const merged = events.some(({ type }) => type === 'care.patients.merged.v1');
  const flags = personsOf([patient, ...others]).reversed ? ['merge-reversed'] : [];
  if (retired.length === 0) return { person, events, outcome: events.length > 0 ? 'update' : 'repeat', reason: 'merge-of-one', flags };
  return { person, events, outcome: merged ? 'merged' : events.length > 0 ? 'update' : 'repeat', flags };
};

/** A person says that two records are one patient's: one of them stands. */
export const decideJoining = (records: Person, retired: string, joining: MergeFact, rules: FollowUpRules): Pick<Decision, 'person' | 'events'> =>
  publishPersons({ ...records, others: records.others.map((one) => (one.patientId === retired ? hearMerge(one, joining) : one)) }, rules);

/** A person says that a record is somebody else's after all: what was merged before does not hold any more. */
export const decideParting = (records: Person, parting: Parting, rules: FollowUpRules): Pick<Decision, 'person' | 'events'> =>
  publishPersons({ ...records, patient: part(records.patient, parting) }, rules);

/** The stay as the person it belongs to has it: what was said of it, under a name of its own. */
const copied = (from: EncounterState, encounterId: string, patientId: string, known: EncounterState | undefined): EncounterState => {
  const { encounterClass, facility, admittedAt, diagnoses, seen, visits, accounts, admissions } = from;
  const start = known ?? { ...newEncounter(encounterId, patientId), encounterClass, facility, admittedAt, diagnoses, visits, accounts, admissions };
  const facts = from.facts.filter((fact) => fact.kind !== 'voided').map((fact) => (fact.kind === 'left' || fact.kind === 'planned' ? { ...fact, n: 0 } : fact));
  return facts.reduce(addFact, { ...start, seen: start.seen || seen });
};

const withAnotherNumber = (before: Person, patient: Person['patient'], stay: EncounterState, said: SeveralPersons & { what: 'move-stay' }, stamp: Stamp, rules: FollowUpRules) => {
  const encounters = [...before.encounters.filter((one) => one !== stay), hearStay(stay, said.stay, stamp)];
  const { person, events } = publishPersons({ ...before, patient, encounters }, rules);
  return { person, events, outcome: events.length === 0 ? ('repeat' as const) : ('update' as const) };
};

/**
 * A stay was booked on another person's record. There it was none; here it is, with everything that was said of it. What people
 * did about its follow-up stays with the record they did it for.
 * @param to the person it belongs to
 * @param from the person whose record it was on
 */
export const decideMove = (to: Person, from: Person, said: SeveralPersons & { what: 'move-stay' }, by: string, rules: FollowUpRules): Decided & { readonly before: Person } => {
  const stamp = stampOf(said, by);
  const before = together([to, from]);
  const patient = hear(to.patient, said.patient, stamp);
  const found = findStay(from.encounters, { visit: said.visit ?? said.stay.visit, account: said.stay.account, at: said.at });
  const names = { visit: said.stay.visit ?? said.visit, account: said.stay.account, admittedAt: said.stay.admittedAt, at: said.at };
  const known = findStay(to.encounters, names);
  const encounterId = known?.encounterId ?? nameStay(patient.patientId, names).encounterId;
  // On the person's own record it only has another number from now on.
  const own = found && [to.patient, ...to.others].some(({ patientId }) => patientId === found.patientId) ? found : undefined;
  if (own) return { ...withAnotherNumber(before, patient, own, said, stamp, rules), before, encounterId: own.encounterId, flags: [] };
  const heard = found ? copied(found, encounterId, known?.patientId ?? patient.patientId, known) : (known ?? newEncounter(encounterId, patient.patientId));
  const here = numbered(hearStay(heard, said.stay, stamp));
  const encounters = before.encounters.filter((one) => one.encounterId !== encounterId && one !== found);
  const there = found ? [addFact(found, { kind: 'voided', ...stamp })] : [];
  const { person, events } = publishPersons({ ...before, patient, encounters: [...encounters, here, ...there] }, rules);
  const outcome = events.length === 0 ? 'repeat' : found ? 'correction' : 'update';
  return { person, events, before, outcome, encounterId, flags: [], ...(found ? {} : { reason: 'nothing-to-move' as const }) };
};
