import type { Publishes } from '@throughline/contracts/flow';
import type { EmergencyVisitData, ReadmissionData } from '@throughline/contracts/intake-events';
import { idOf } from '@throughline/kernel/ids';
import type * as z from 'zod';
import { normalCode, type FollowUpRules } from './follow-up.js';
import { present, sameFact } from './kept.js';
import type { DischargeFacts, DischargeState, EncounterState } from './stay.js';

export type ReadmissionFacts = Omit<z.infer<typeof ReadmissionData>, 'version'>;
export type EmergencyFacts = Omit<z.infer<typeof EmergencyVisitData>, 'version'>;

export interface Stated<F> {
  readonly version: number;
  readonly published: F;
}

/** What follows from a stay and the person's others: that they are back. */
export interface Returns {
  readonly readmission?: Stated<ReadmissionFacts> | undefined;
  readonly emergencyVisit?: Stated<EmergencyFacts> | undefined;
}

const DAY_MS = 86_400_000;
/** As readmission measures count: an unplanned or planned admission within 30 days of the discharge (HRRP, HEDIS PCR). */
const WITHIN_DAYS = 30;

const daysBetween = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** A patient handed on to another hospital has not come home yet: the next stay continues this one. */
const wentHome = ({ withdrawn, followUp }: DischargeFacts): boolean =>
  !withdrawn && (followUp.wanted || followUp.reason === 'hospice' || followUp.reason === 'earlier-stay');

/** The last time before that the person left another stay, if within thirty days. */
const leftBefore = (encounterId: string, at: string, discharges: readonly DischargeState[]): DischargeFacts | undefined => {
  let last: DischargeFacts | undefined;
  for (const { published: one } of discharges) {
    if (!one || one.encounterId === encounterId || one.dischargedAt > at || !wentHome(one)) continue;
    if (!last || one.dischargedAt > last.dischargedAt || (one.dischargedAt === last.dischargedAt && one.dischargeId > last.dischargeId)) last = one;
  }
  return last && daysBetween(last.dischargedAt, at) <= WITHIN_DAYS ? last : undefined;
};

interface Now {
  readonly readmission?: ReadmissionFacts;
  readonly emergencyVisit?: EmergencyFacts;
}

const returnsOf = ({ published }: EncounterState, discharges: readonly DischargeState[], rules: FollowUpRules): Now => {
  if (!published || published.status === 'withdrawn' || published.admittedAt === undefined) return {};
  const { patientId, encounterId, admittedAt, facility, encounterClass = '' } = published;
  const before = leftBefore(encounterId, admittedAt, discharges);
  const after = before && { afterDischargeId: before.dischargeId, days: daysBetween(before.dischargedAt, admittedAt) };
  const kind = normalCode(encounterClass);
  if (rules.emergency?.includes(kind))
    return { emergencyVisit: { patientId, emergencyVisitId: idOf('emergency-visit', encounterId), encounterId, arrivedAt: admittedAt, facility, ...after, withdrawn: false } };
  if (!before || rules.notInpatient.includes(kind)) return {};
  return { readmission: { patientId, readmissionId: idOf('readmission', encounterId), encounterId, admittedAt, ...after!, dischargedAt: before.dischargedAt, facility, withdrawn: false } };
};

/** What to state next: what holds now, or that what was stated does not hold any more. */
const nextOf = <F extends { readonly withdrawn: boolean }>(was: Stated<F> | undefined, now: F | undefined): Stated<F> | undefined => {
  const facts = now ?? (was && { ...was.published, withdrawn: true });
  return !facts || sameFact(was?.published, facts) ? was : { version: (was?.version ?? 0) + 1, published: present(facts) };
};

/** States that the person is back, within thirty days or in an emergency department, and takes it back when it turns out otherwise. */
export const publishReturns = (encounter: EncounterState, discharges: readonly DischargeState[], rules: FollowUpRules, events: Publishes<'intake'>[]): EncounterState => {
  if (encounter.restored) return encounter;
  const now = returnsOf(encounter, discharges, rules);
  const readmission = nextOf(encounter.readmission, now.readmission);
  const emergencyVisit = nextOf(encounter.emergencyVisit, now.emergencyVisit);
  if (readmission === encounter.readmission && emergencyVisit === encounter.emergencyVisit) return encounter;
  if (readmission && readmission !== encounter.readmission) events.push({ type: 'care.patient.readmitted.v1', data: { ...readmission.published, version: readmission.version } });
  if (emergencyVisit && emergencyVisit !== encounter.emergencyVisit) events.push({ type: 'care.emergency.visited.v1', data: { ...emergencyVisit.published, version: emergencyVisit.version } });
  return { ...encounter, readmission, emergencyVisit };
};
