import { dischargeId } from '@throughline/kernel/ids';
import { calendarDate } from './calendar-date.js';
import { followUpOf, type FollowUpRules } from './follow-up.js';
import { present } from './kept.js';
import type { DischargeSaid, Source } from './said.js';
import type { Departure } from './departures.js';
import type { DischargeFacts, EncounterState, PlanFacts } from './stay.js';

/** A discharge heard of this long after it happened is old news: its tasks open overdue, escalation is one digest. */
const BACKDATED_AFTER_MS = 30 * 86_400_000;

/** How well a place in a message knows when the patient left: the leaving itself, else the event, else when somebody wrote, sent or received it. */
const ORIGINS: Readonly<Record<Source, number>> = {
  stated: 0, 'PV1-45': 0, 'period.end': 0, 'EVN-6': 1, 'EVN-2': 2, effectiveTime: 2, 'MSH-7': 3, timestamp: 3, lastUpdated: 3, received: 4, 'PV1-44': 5,
};

export const knowsLess = (a: DischargeSaid, b: DischargeSaid): boolean => ORIGINS[a.source] > ORIGINS[b.source];

/**
 * When the patient left: of the accounts in the senders' order the last, unless an earlier one knew it from a better place. A
 * correction that has no readable time of leaving corrects the rest, and does not move the discharge to when it was written.
 */
const knowsBest = <A extends { readonly discharge: DischargeSaid }>(accounts: readonly A[]): A =>
  accounts.reduce((best, next) => (knowsLess(next.discharge, best.discharge) ? best : next));

/**
 * What is known of a discharge now: its last account, the best known time, what updates said since, and what is known of
 * the stay. A withdrawn one keeps to its own accounts: what is learned of the stay afterwards belongs to the discharge that
 * lives.
 */
export const dischargeFacts = (encounter: EncounterState, departure: Departure, deceased: boolean, rules: FollowUpRules): DischargeFacts => {
  const last = departure.accounts.at(-1)!;
  const { stay } = last;
  // Where and when belong together: deadlines count from the day that it was there.
  const { discharge, stay: place } = knowsBest(departure.accounts);
  const amended = departure.amendments.filter((fact) => fact.at >= last.at);
  const latest = (pick: (from: { disposition?: string; destination?: string }) => string | undefined): string | undefined =>
    [...departure.accounts.map((fact) => ({ at: fact.at, said: pick(fact.stay) })), ...amended.map((fact) => ({ at: fact.at, said: pick(fact) }))]
      .filter((one) => one.said !== undefined)
      .at(-1)?.said;
  const disposition = latest((from) => from.disposition);
  const known: Partial<Pick<EncounterState, 'encounterClass' | 'admittedAt' | 'diagnoses'>> = departure.withdrawn ? {} : encounter;
  const encounterClass = stay.encounterClass ?? known.encounterClass?.value ?? undefined;
  const said = departure.accounts.map((fact) => fact.stay.diagnoses).filter((codes) => codes.length > 0).at(-1);
  const firstHeard = Math.min(...departure.accounts.map((fact) => Date.parse(fact.receivedAt)));
  return present({
    patientId: encounter.patientId,
    dischargeId: dischargeId(encounter.encounterId, departure.n),
    encounterId: encounter.encounterId,
    n: departure.n,
    facility: place.facility,
    facilityZone: place.zone,
    dischargedAt: discharge.at,
    dischargedAtSource: discharge.source,
    dischargeDate: calendarDate(discharge.at, place.zone),
    admittedAt: stay.admittedAt ?? known.admittedAt?.value ?? undefined,
    encounterClass,
    disposition,
    destination: latest((from) => from.destination),
    diagnoses: [...(known.diagnoses?.value ?? said ?? [])],
    followUp: followUpOf(rules, { deceased, disposition, encounterClass, earlier: departure.accounts.every((fact) => fact.stay.earlier === true) }),
    backdated: firstHeard - Date.parse(discharge.at) > BACKDATED_AFTER_MS,
    withdrawn: departure.withdrawn,
  });
};

/** What is known of a discharge that is only planned: by the last word on it. */
export const planFacts = (encounter: EncounterState, { n, plans, withdrawn }: Departure): PlanFacts => {
  const { stay, expectedAt } = plans.at(-1)!;
  return present({
    patientId: encounter.patientId,
    dischargeId: dischargeId(encounter.encounterId, n),
    encounterId: encounter.encounterId,
    n,
    facility: stay.facility,
    facilityZone: stay.zone,
    expectedAt,
    withdrawn,
  });
};
