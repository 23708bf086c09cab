import type { DischargeData, DischargePlanData, EncounterData } from '@throughline/contracts/intake-events';
import type * as z from 'zod';
import { normalCode, type FollowUpRules } from './follow-up.js';
import { keep, present, type Kept, type Stamp } from './kept.js';
import type { Code, Facility, StayNumber, StaySaid } from './said.js';
import type { Returns } from './returns.js';
import { inSendersOrder, type StayFact } from './stay-facts.js';

type EncounterStatus = z.infer<typeof EncounterData>['status'] | 'withdrawn';
/** `withdrawn`: it was recorded, and was none. */
export type EncounterFacts = Omit<z.infer<typeof EncounterData>, 'version' | 'status'> & { readonly status: EncounterStatus };
export type DischargeFacts = Omit<z.infer<typeof DischargeData>, 'version'>;
export type PlanFacts = Omit<z.infer<typeof DischargePlanData>, 'version'>;

/**
 * One stay. It keeps what the messages said, not where they left it: the state follows from the facts in the senders'
 * order, so that the same messages end in the same state whichever came first.
 */
export interface EncounterState extends Returns {
  readonly encounterId: string;
  /** The patient it was first seen under, for good. */
  readonly patientId: string;
  readonly version: number;
  readonly visits: readonly string[];
  readonly accounts: readonly string[];
  readonly admissions: readonly string[];
  /** False while only updates spoke of it: those do not say that anybody was admitted. */
  readonly seen: boolean;
  readonly facts: readonly StayFact[];
  readonly encounterClass?: Kept<string> | undefined;
  readonly facility?: Kept<Facility> | undefined;
  readonly admittedAt?: Kept<string> | undefined;
  readonly diagnoses?: Kept<readonly Code[]> | undefined;
  readonly published?: EncounterFacts | undefined;
  /** Known by its fact alone, since the database was put back to an older copy: not stated again before a message speaks of it. */
  readonly restored?: true | undefined;
}

export interface DischargeState {
  readonly dischargeId: string;
  readonly encounterId: string;
  readonly patientId: string;
  readonly n: number;
  readonly version: number;
  /** Absent while it is only planned. */
  readonly published?: DischargeFacts | undefined;
  /** What was last said of its plan. */
  readonly plan?: PlanFacts | undefined;
}

export const newEncounter = (encounterId: string, patientId: string): EncounterState => ({
  encounterId, patientId, version: 0, visits: [], accounts: [], admissions: [], seen: false, facts: [],
});

const union = (list: readonly string[], more: string | undefined): readonly string[] =>
  more === undefined || list.includes(more) ? list : [...list, more].sort();

const numberKey = (one: StayNumber | undefined): string | undefined => one && `${one.authority ?? ''}\u001f${one.value}`;

/** True when one of the numbers is this one: the same value, from the same giver or from one that was not named. */
export const names = (numbers: readonly string[], one: StayNumber): boolean =>
  numbers.some((number) => {
    const [authority, value] = number.split('\u001f');
    return value === one.value && (!authority || !one.authority || authority === one.authority);
  });

/** Takes in what a message says of the stay itself. */
export const hearStay = (encounter: EncounterState, stay: StaySaid, stamp: Stamp): EncounterState => ({
  ...encounter,
  visits: union(encounter.visits, numberKey(stay.visit)),
  accounts: union(encounter.accounts, numberKey(stay.account)),
  admissions: union(encounter.admissions, stay.admittedAt),
  encounterClass: keep(encounter.encounterClass, stay.encounterClass, stamp),
  facility: keep(encounter.facility, stay.facility, stamp),
  admittedAt: keep(encounter.admittedAt, stay.admittedAt, stamp),
  diagnoses: keep(encounter.diagnoses, stay.diagnoses.length > 0 ? stay.diagnoses : undefined, stamp),
  restored: undefined,
});

/** Where the stay stands by the facts in the senders' order; undefined while nobody said that there is one. */
export const statusOf = ({ seen, facts }: Pick<EncounterState, 'seen' | 'facts'>): EncounterStatus | undefined => {
  let status: EncounterStatus | undefined = seen ? 'admitted' : undefined;
  for (const fact of inSendersOrder(facts)) {
    const { kind } = fact;
    if (kind === 'left') status = 'discharged';
    else if (kind === 'admitted' && fact.still && status === 'discharged') status = 'discharge-withdrawn';
    else if (kind === 'voided') status = 'withdrawn';
    else if (kind === 'cancelled') status = status === 'withdrawn' ? status : 'discharge-withdrawn';
    // An admission that is heard of late does not bring anybody back who has left.
    else if (kind === 'admitted' && (status === undefined || status === 'withdrawn')) status = 'admitted';
  }
  return status;
};

/** The whole current fact of the stay. */
export const encounterFacts = (encounter: EncounterState, status: EncounterStatus, rules: FollowUpRules): EncounterFacts => {
  const encounterClass = encounter.encounterClass?.value ?? undefined;
  return present({
    patientId: encounter.patientId,
    encounterId: encounter.encounterId,
    status,
    encounterClass,
    inpatient: encounterClass === undefined ? undefined : !rules.notInpatient.includes(normalCode(encounterClass)),
    facility: encounter.facility?.value ?? { code: '' },
    admittedAt: encounter.admittedAt?.value ?? undefined,
  });
};
