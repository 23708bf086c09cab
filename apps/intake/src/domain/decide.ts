import type { Publishes } from '@throughline/contracts/flow';
import { dischargeId } from '@throughline/kernel/ids';
import { knowsLess } from './discharge.js';
import { findStay, nameStay, type StayNames } from './find-stay.js';
import type { FollowUpRules, NoFollowUp } from './follow-up.js';
import type { Stamp } from './kept.js';
import { hear } from './patient.js';
import { publish, type Person } from './person.js';
import { hearLine, lineId, type PrescriptionState } from './prescription.js';
import type { Outcome, PrescriptionSaid, Said, Source, StaySaid } from './said.js';
import { addFact, departuresOf, hearStay, newEncounter, numbered, plannedOrLeft, statusOf, type DischargeState, type EncounterState, type StayFact } from './stay.js';

export interface Decision {
  readonly person: Person;
  readonly events: readonly Publishes<'intake'>[];
  readonly outcome: Outcome;
  /** A code that says more than the outcome does. */
  readonly reason?: NoFollowUp | 'cancelled-before' | 'before-its-discharge' | 'before-its-admission' | 'superseded' | 'nothing-to-withdraw' | 'already-left';
  readonly encounterId?: string;
  readonly dischargeId?: string;
  readonly dischargedAt?: string;
  readonly timeSource: Source;
  readonly flags: readonly string[];
}

type StayMessage = Said & { readonly stay: StaySaid };

const namesOf = (said: StayMessage): StayNames => ({
  visit: said.stay.visit,
  account: said.stay.account,
  admittedAt: said.stay.admittedAt,
  left: said.what === 'discharge' ? said.discharge.at : said.what === 'cancel-discharge' ? said.cancels : undefined,
  at: said.at,
});

const stampOf = ({ at, receivedAt }: Said, by: string): Stamp => ({ at, receivedAt, by });

const factOf = (said: StayMessage, by: string): StayFact | undefined => {
  const stamp = stampOf(said, by);
  switch (said.what) {
    case 'admission':
      return { kind: 'admitted', ...stamp };
    case 'discharge':
      return { kind: 'left', ...stamp, discharge: said.discharge, stay: said.stay, n: 0 };
    case 'cancel-discharge':
      return { kind: 'cancelled', ...stamp };
    case 'cancel-stay':
      return { kind: 'voided', ...stamp };
    case 'plan-discharge':
      return { kind: 'planned', ...stamp, stay: said.stay, n: 0, ...(said.expectedAt === undefined ? {} : { expectedAt: said.expectedAt }) };
    case 'cancel-plan':
      return { kind: 'plan-cancelled', ...stamp };
    default: {
      const { disposition, destination } = said.stay;
      if (disposition === undefined && destination === undefined) return undefined;
      return { kind: 'amended', ...stamp, ...(disposition === undefined ? {} : { disposition }), ...(destination === undefined ? {} : { destination }) };
    }
  }
};

interface Heard {
  readonly person: Person;
  readonly before?: EncounterState | undefined;
  readonly encounter?: EncounterState | undefined;
  readonly flags: readonly string[];
}

const replace = (person: Person, encounter: EncounterState): Person => ({
  ...person,
  encounters: [...person.encounters.filter((one) => one.encounterId !== encounter.encounterId), encounter],
});

/** These do not say that anybody is or was in the stay. */
const SAYS_NO_STAY: readonly Said['what'][] = ['update', 'cancel-stay'];

const hearStayOf = (person: Person, said: StayMessage, by: string): Heard => {
  const names = namesOf(said);
  const found = findStay(person.encounters, names);
  const named = found ? undefined : nameStay(person.patient.patientId, names);
  // One that is known by its fact alone (`restored`) has no numbers to be found by: its name is the same.
  const before = found ?? person.encounters.find(({ encounterId }) => encounterId === named!.encounterId);
  const known = before ?? newEncounter(named!.encounterId, person.patient.patientId);
  const fact = factOf(said, by);
  const told = hearStay({ ...known, seen: known.seen || !SAYS_NO_STAY.includes(said.what) }, said.stay, stampOf(said, by));
  const encounter = numbered(fact ? addFact(told, fact) : told);
  return { person: replace(person, encounter), before, encounter, flags: named?.flags ?? [] };
};

/** The line that the message is about, under whichever of the person's records it was first heard of. */
const lineOf = (person: Person, sender: string, prescription: PrescriptionSaid, by: string): PrescriptionState | undefined =>
  [person.patient, ...person.others].map(({ patientId }) => person.lines.find((one) => one.lineId === lineId(patientId, sender, prescription, by))).find((line) => line !== undefined);

type PrescriptionMessage = Said & { what: 'prescription' };
const linesIn = ({ prescription, more = [] }: PrescriptionMessage): readonly PrescriptionSaid[] => [prescription, ...more];

const hearPrescription = (person: Person, said: PrescriptionMessage, by: string): Heard => {
  const lines = linesIn(said).reduce<readonly PrescriptionState[]>((kept, prescription) => {
    const known = lineOf({ ...person, lines: kept }, said.sender, prescription, by);
    const patientId = known?.patientId ?? person.patient.patientId;
    const id = lineId(patientId, said.sender, prescription, by);
    const line = hearLine(known, { lineId: id, patientId, version: 0, stay: said.stay, source: said.sender, said: prescription, stamp: stampOf(said, by) });
    return [...kept.filter((one) => one.lineId !== id), line];
  }, person.lines);
  return { person: { ...person, lines }, flags: [] };
};

type Judged = Pick<Decision, 'outcome' | 'reason' | 'dischargeId' | 'dischargedAt'> & { readonly timeSource?: Source };

const judgeDischarge = (heard: Heard, after: Person, changed: boolean, by: string): Judged => {
  const departure = departuresOf(heard.encounter!.facts).find((one) => one.accounts.some((fact) => fact.by === by));
  const departures = departuresOf(heard.encounter!.facts);
  const id = (n: number): string => dischargeId(heard.encounter!.encounterId, n);
  // The same account was there already, under another control id.
  if (!departure) return { outcome: 'repeat', ...(departures.at(-1) && { dischargeId: id(departures.at(-1)!.n) }) };
  const discharge = after.discharges.find((one) => one.dischargeId === id(departure.n))!;
  const { dischargedAt, dischargedAtSource: timeSource, followUp } = discharge.published!;
  const facts = { dischargeId: discharge.dischargeId, dischargedAt, timeSource };
  if (departure.withdrawn) return { outcome: 'withdrawn', reason: 'cancelled-before', ...facts };
  const wasThere = heard.before !== undefined && departuresOf(heard.before.facts).some((one) => one.n === departure.n);
  if (wasThere && !changed) {
    const superseded = departure.accounts.at(-1)!.by !== by;
    return { outcome: 'repeat', ...(superseded ? { reason: 'superseded' as const } : {}), ...facts };
  }
  if (wasThere) return { outcome: 'correction', ...facts };
  return followUp.wanted ? { outcome: 'discharge', ...facts } : { outcome: 'not-followed-up', reason: followUp.reason, ...facts };
};

const withdrawnBy = (before: Person, after: Person): DischargeState | undefined => {
  const stood = (id: string): boolean => before.discharges.some((one) => one.dischargeId === id && one.published?.withdrawn === false);
  return after.discharges.find((one) => one.published?.withdrawn === true && stood(one.dischargeId));
};

const isNews = ({ before, encounter }: Heard): boolean => encounter!.facts.length > (before?.facts.length ?? 0);

const judgeCancel = (heard: Heard, before: Person, after: Person): Judged => {
  const withdrawn = withdrawnBy(before, after);
  if (withdrawn) return { outcome: 'withdrawn', dischargeId: withdrawn.dischargeId, dischargedAt: withdrawn.published!.dischargedAt };
  if (!isNews(heard)) return { outcome: 'repeat' };
  const waits = departuresOf(heard.encounter!.facts).length === 0;
  return { outcome: 'withdrawn', reason: waits ? 'before-its-discharge' : 'nothing-to-withdraw' };
};

const judgeCancelStay = (heard: Heard, before: Person, after: Person): Judged => {
  const withdrawn = withdrawnBy(before, after);
  if (withdrawn) return { outcome: 'withdrawn', dischargeId: withdrawn.dischargeId, dischargedAt: withdrawn.published!.dischargedAt };
  if (!isNews(heard)) return { outcome: 'repeat' };
  if (statusOf(heard.encounter!) !== 'withdrawn') return { outcome: 'withdrawn', reason: 'superseded' };
  return heard.before?.published === undefined ? { outcome: 'withdrawn', reason: 'before-its-admission' } : { outcome: 'withdrawn' };
};

const judgePlan = (said: Said, heard: Heard, changed: boolean): Judged => {
  const planned = plannedOrLeft(heard.encounter!.facts).at(-1);
  const id = planned && { dischargeId: dischargeId(heard.encounter!.encounterId, planned.n) };
  if (!isNews(heard)) return { outcome: 'repeat', ...id };
  if (planned && planned.accounts.length > 0) return { outcome: 'repeat', reason: 'already-left', ...id };
  if (said.what === 'plan-discharge') return { outcome: changed ? 'planned' : 'repeat', ...id };
  return changed ? { outcome: 'withdrawn', ...id } : { outcome: 'withdrawn', reason: 'nothing-to-withdraw', ...id };
};

const judge = (said: Said, heard: Heard, before: Person, after: Person, events: readonly Publishes<'intake'>[], by: string): Judged => {
  const changed = events.length > 0;
  if (said.what === 'discharge') {
    const own = events.some((event) => event.type.startsWith('care.discharge.') && event.data.patientId === heard.encounter!.patientId);
    return judgeDischarge(heard, after, own, by);
  }
  if (said.what === 'cancel-discharge') return judgeCancel(heard, before, after);
  if (said.what === 'cancel-stay') return judgeCancelStay(heard, before, after);
  if (said.what === 'plan-discharge' || said.what === 'cancel-plan') {
    return judgePlan(said, heard, events.some(({ type }) => type === 'care.discharge.planned.v1'));
  }
  if (said.what === 'admission') return { outcome: heard.before?.seen ? (changed ? 'update' : 'repeat') : 'admission' };
  if (said.what === 'prescription') {
    if (linesIn(said).some((prescription) => !lineOf(before, said.sender, prescription, by))) return { outcome: 'prescription' };
    return { outcome: changed ? 'correction' : 'repeat' };
  }
  return { outcome: changed ? 'update' : 'repeat' };
};

const stayOfLine = (line: PrescriptionState | undefined): { encounterId?: string; dischargeId?: string } => {
  const { encounterId, dischargeId: discharge } = line?.published ?? {};
  return { ...(encounterId === undefined ? {} : { encounterId }), ...(discharge === undefined ? {} : { dischargeId: discharge }) };
};

const flagsOf = (said: Said, judged: Judged, after: Person): readonly string[] => {
  if (said.what !== 'discharge') return [];
  const facts = after.discharges.find((one) => one.dischargeId === judged.dischargeId)?.published;
  if (!facts) return [];
  return [
    ...(facts.admittedAt !== undefined && facts.dischargedAt < facts.admittedAt ? ['discharged-before-admitted'] : []),
    ...(knowsLess(said.discharge, { at: facts.dischargedAt, source: facts.dischargedAtSource }) ? ['better-time-kept'] : []),
  ];
};

/** Messages about more than one record: `decide-persons.ts`. */
export type SeveralPersons = Extract<Said, { what: 'merge' | 'move-stay' }>;
/** What a message may say of one person's stays and medicines. */
export type OfOnePerson = Exclude<Said, SeveralPersons | { what: 'document' }>;

/**
 * What a message means for the person it is about. Pure; the same messages in any order end in the same state.
 * @param by id of the inbound message: names the facts it brings
 */
export const decide = (person: Person, said: OfOnePerson, by: string, rules: FollowUpRules): Decision => {
  const patient = hear(person.patient, said.patient, stampOf(said, by));
  const known: Person = { ...person, patient };
  const heard: Heard =
    said.what === 'prescription'
      ? hearPrescription(known, said, by)
      : !('stay' in said) || said.stay === undefined
        ? { person: known, flags: [] }
        : hearStayOf(known, said as StayMessage, by);
  const { person: after, events } = publish(heard.person, rules);
  const judged = judge(said, heard, person, after, events, by);
  return {
    ...judged,
    person: after,
    events,
    ...(heard.encounter ? { encounterId: heard.encounter.encounterId } : {}),
    ...(said.what === 'prescription' ? stayOfLine(lineOf(after, said.sender, said.prescription, by)) : {}),
    timeSource: judged.timeSource ?? (said.what === 'discharge' ? said.discharge.source : said.atSource),
    flags: [...new Set([...said.flags, ...heard.flags, ...flagsOf(said, judged, after)])],
  };
};
