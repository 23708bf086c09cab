import type { Publishes } from '@throughline/contracts/flow';
import { knowsLess } from './discharge.js';
import type { FollowUpRules, NoFollowUp } from './follow-up.js';
import { hearPrescription, hearStayOf, lineOf, stampOf, type Heard, type StayMessage } from './hear-message.js';
import { judge, type Judged } from './judge.js';
import { hear } from './patient.js';
import { publish, type Person } from './person.js';
import type { PrescriptionState } from './prescription.js';
import type { Outcome, SaidOnce, Source } from './said.js';

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

const stayOfLine = (line: PrescriptionState | undefined): { encounterId?: string; dischargeId?: string } => {
  const { encounterId, dischargeId: discharge } = line?.published ?? {};
  return { ...(encounterId === undefined ? {} : { encounterId }), ...(discharge === undefined ? {} : { dischargeId: discharge }) };
};

const flagsOf = (said: OfOnePerson, judged: Judged, after: Person): readonly string[] => {
  if (said.what !== 'discharge') return [];
  const facts = after.discharges.find((one) => one.dischargeId === judged.dischargeId)?.published;
  if (!facts) return [];
  return [
    ...(facts.admittedAt !== undefined && facts.dischargedAt < facts.admittedAt ? ['discharged-before-admitted'] : []),
    ...(knowsLess(said.discharge, { at: facts.dischargedAt, source: facts.dischargedAtSource }) ? ['better-time-kept'] : []),
  ];
};

/** Messages about more than one record: `decide-persons.ts`. */
export type SeveralPersons = Extract<SaidOnce, { what: 'merge' | 'move-stay' }>;
/** What a message may say of one person's stays and medicines. */
export type OfOnePerson = Exclude<SaidOnce, SeveralPersons | { what: 'document' | 'statements' }>;

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
