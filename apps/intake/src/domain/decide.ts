import type { Publishes } from '@throughline/contracts/flow';
import { dischargeId } from '@throughline/kernel/ids';
import { knowsLess } from './discharge.js';
import { findStay, nameStay, type StayNames } from './find-stay.js';
import type { FollowUpRules, NoFollowUp } from './follow-up.js';
import type { Stamp } from './kept.js';
import { hear } from './patient.js';
import { publish, type Person } from './person.js';
import { hearLine, lineId } from './prescription.js';
import type { Outcome, Said, Source, StaySaid } from './said.js';
import { addFact, departuresOf, hearStay, newEncounter, numbered, type EncounterState, type StayFact } from './stay.js';

export interface Decision {
  readonly person: Person;
  readonly events: readonly Publishes<'intake'>[];
  readonly outcome: Outcome;
  /** A code that says more than the outcome does. */
  readonly reason?: NoFollowUp | 'cancelled-before' | 'before-its-discharge' | 'superseded' | 'nothing-to-withdraw';
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
  if (said.what === 'discharge') return { kind: 'left', ...stamp, discharge: said.discharge, stay: said.stay, n: 0 };
  if (said.what === 'cancel-discharge') return { kind: 'cancelled', ...stamp };
  const { disposition, destination } = said.stay;
  if (said.what !== 'update' || (disposition === undefined && destination === undefined)) return undefined;
  return { kind: 'amended', ...stamp, ...(disposition === undefined ? {} : { disposition }), ...(destination === undefined ? {} : { destination }) };
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

const hearStayOf = (person: Person, said: StayMessage, by: string): Heard => {
  const names = namesOf(said);
  const found = findStay(person.encounters, names);
  const named = found ? undefined : nameStay(person.patient.patientId, names);
  // One that is known by its fact alone (`restored`) has no numbers to be found by: its name is the same.
  const before = found ?? person.encounters.find(({ encounterId }) => encounterId === named!.encounterId);
  const known = before ?? newEncounter(named!.encounterId, person.patient.patientId);
  const fact = factOf(said, by);
  const told = hearStay({ ...known, seen: known.seen || said.what !== 'update' }, said.stay, stampOf(said, by));
  const encounter = numbered(fact ? addFact(told, fact) : told);
  return { person: replace(person, encounter), before, encounter, flags: named?.flags ?? [] };
};

const hearPrescription = (person: Person, said: Said & { what: 'prescription' }, by: string): Heard => {
  const { patientId } = person.patient;
  const id = lineId(patientId, said, by);
  const known = person.lines.find((one) => one.lineId === id);
  const line = hearLine(known, { lineId: id, patientId, version: 0, stay: said.stay, source: said.sender, said: said.prescription, stamp: stampOf(said, by) });
  return { person: { ...person, lines: [...person.lines.filter((one) => one.lineId !== id), line] }, flags: [] };
};

type Judged = Pick<Decision, 'outcome' | 'reason' | 'dischargeId' | 'dischargedAt'> & { readonly timeSource?: Source };

const judgeDischarge = (heard: Heard, after: Person, changed: boolean, by: string): Judged => {
  const departure = departuresOf(heard.encounter!.facts).find((one) => one.accounts.some((fact) => fact.by === by));
  const departures = departuresOf(heard.encounter!.facts);
  const id = (n: number): string => dischargeId(heard.encounter!.encounterId, n);
  // The same account was there already, under another control id.
  if (!departure) return { outcome: 'repeat', ...(departures.at(-1) && { dischargeId: id(departures.at(-1)!.n) }) };
  const discharge = after.discharges.find((one) => one.dischargeId === id(departure.n))!;
  const { dischargedAt, dischargedAtSource: timeSource, followUp } = discharge.published;
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

const judgeCancel = (heard: Heard, before: Person, after: Person): Judged => {
  const open = (person: Person, id: string): boolean => person.discharges.some((one) => one.dischargeId === id && !one.published.withdrawn);
  const withdrawn = after.discharges.find((one) => one.published.withdrawn && open(before, one.dischargeId));
  if (withdrawn) return { outcome: 'withdrawn', dischargeId: withdrawn.dischargeId, dischargedAt: withdrawn.published.dischargedAt };
  const news = heard.encounter!.facts.length > (heard.before?.facts.length ?? 0);
  if (!news) return { outcome: 'repeat' };
  const waits = departuresOf(heard.encounter!.facts).length === 0;
  return { outcome: 'withdrawn', reason: waits ? 'before-its-discharge' : 'nothing-to-withdraw' };
};

const judge = (said: Said, heard: Heard, before: Person, after: Person, events: readonly Publishes<'intake'>[], by: string): Judged => {
  const changed = events.length > 0;
  if (said.what === 'discharge') {
    const own = events.some((event) => event.type.startsWith('care.discharge.') && event.data.patientId === heard.encounter!.patientId);
    return judgeDischarge(heard, after, own, by);
  }
  if (said.what === 'cancel-discharge') return judgeCancel(heard, before, after);
  if (said.what === 'admission') return { outcome: heard.before?.seen ? (changed ? 'update' : 'repeat') : 'admission' };
  if (said.what === 'prescription') {
    const id = lineId(before.patient.patientId, said, by);
    if (!before.lines.some((one) => one.lineId === id)) return { outcome: 'prescription' };
    return { outcome: changed ? 'correction' : 'repeat' };
  }
  return { outcome: changed ? 'update' : 'repeat' };
};

const stayOfLine = (after: Person, id: string): { encounterId?: string; dischargeId?: string } => {
  const { encounterId, dischargeId: discharge } = after.lines.find((one) => one.lineId === id)?.published ?? {};
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

/**
 * What a message means for the person it is about. Pure; the same messages in any order end in the same state.
 * @param by id of the inbound message: names the facts it brings
 */
export const decide = (person: Person, said: Said, by: string, rules: FollowUpRules): Decision => {
  const patient = hear(person.patient, said.patient, stampOf(said, by));
  const known: Person = { ...person, patient };
  const heard: Heard =
    said.what === 'prescription'
      ? hearPrescription(known, said, by)
      : said.stay === undefined
        ? { person: known, flags: [] }
        : hearStayOf(known, said as StayMessage, by);
  const { person: after, events } = publish(heard.person, rules);
  const judged = judge(said, heard, person, after, events, by);
  return {
    ...judged,
    person: after,
    events,
    ...(heard.encounter ? { encounterId: heard.encounter.encounterId } : {}),
    ...(said.what === 'prescription' ? stayOfLine(after, lineId(person.patient.patientId, said, by)) : {}),
    timeSource: judged.timeSource ?? (said.what === 'discharge' ? said.discharge.source : said.atSource),
    flags: [...new Set([...said.flags, ...heard.flags, ...flagsOf(said, judged, after)])],
  };
};
