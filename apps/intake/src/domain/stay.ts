import type { DischargeData, DischargePlanData, EncounterData } from '@throughline/contracts/intake-events';
import type * as z from 'zod';
import { compare, compareStamps, keep, present, sameFact, type Kept, type Stamp } from './kept.js';
import type { Code, DischargeSaid, Facility, StayNumber, StaySaid } from './said.js';

type EncounterStatus = z.infer<typeof EncounterData>['status'] | 'withdrawn';
/** `withdrawn`: it was recorded, and was none. */
export type EncounterFacts = Omit<z.infer<typeof EncounterData>, 'version' | 'status'> & { readonly status: EncounterStatus };
export type DischargeFacts = Omit<z.infer<typeof DischargeData>, 'version'>;
export type PlanFacts = Omit<z.infer<typeof DischargePlanData>, 'version'>;

/** "The patient left": one message's account of it. */
export interface LeftFact extends Stamp {
  readonly kind: 'left';
  readonly discharge: DischargeSaid;
  readonly stay: StaySaid;
  /** Which discharge of the stay it tells of; given once, kept. */
  readonly n: number;
}

/** "That discharge did not happen, or was reversed." */
export interface CancelFact extends Stamp {
  readonly kind: 'cancelled';
}

/** "The patient is in hospital": an admission or a transfer. It matters where another message says that there was no stay. */
export interface AdmittedFact extends Stamp {
  readonly kind: 'admitted';
}

/** "There was no such stay", up to then. */
export interface VoidedFact extends Stamp {
  readonly kind: 'voided';
}

/** "The patient is expected to leave": never a discharge. */
export interface PlannedFact extends Stamp {
  readonly kind: 'planned';
  readonly stay: StaySaid;
  readonly expectedAt?: string;
  /** Which discharge of the stay it announces; given once, kept. */
  readonly n: number;
}

export interface PlanCancelledFact extends Stamp {
  readonly kind: 'plan-cancelled';
}

/** What an update says of a discharge that has happened by then. It never changes the state of the stay. */
export interface AmendFact extends Stamp {
  readonly kind: 'amended';
  readonly disposition?: string;
  readonly destination?: string;
}

export type StayFact = LeftFact | CancelFact | AmendFact | AdmittedFact | VoidedFact | PlannedFact | PlanCancelledFact;

/** A fact that speaks of one discharge of the stay by its number. */
type NumberedFact = LeftFact | PlannedFact;
const isNumbered = (fact: StayFact): fact is NumberedFact => fact.kind === 'left' || fact.kind === 'planned';

/**
 * One stay. It keeps what the messages said, not where they left it: the state follows from the facts in the senders'
 * order, so that the same messages end in the same state whichever came first.
 */
export interface EncounterState {
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

const isUpdate = (fact: StayFact): number => (fact.kind === 'amended' ? 1 : 0);
const CANCELS: readonly StayFact['kind'][] = ['cancelled', 'voided', 'plan-cancelled'];
const isCancel = (fact: StayFact): number => (CANCELS.includes(fact.kind) ? 1 : 0);

/**
 * The senders' order. Most write whole seconds, so a cancel and the new discharge after it may bear the same one: within it
 * what came first was first, and an update speaks of what the second ended in. When nothing else tells them apart, a cancel
 * comes after what it cancels.
 */
const inSendersOrder = (facts: readonly StayFact[]): readonly StayFact[] =>
  [...facts].sort((a, b) => compare(a.at, b.at) || isUpdate(a) - isUpdate(b) || compare(a.receivedAt, b.receivedAt) || isCancel(a) - isCancel(b) || compare(a.by, b.by));

/** Adds a fact unless the same was said before (a resend under another control id). Of two that say the same, the first to arrive is kept, in whatever order they are decided. */
export const addFact = (encounter: EncounterState, fact: StayFact): EncounterState => {
  const saysTheSame = (other: StayFact): boolean =>
    other.kind === fact.kind && other.at === fact.at && (other.by === fact.by || sameFact(content(other), content(fact)));
  const known = encounter.facts.find(saysTheSame);
  if (!known) return { ...encounter, facts: withoutMiddles([...encounter.facts, fact]) };
  if (compareStamps(known, fact) <= 0) return encounter;
  const first = isNumbered(known) ? { ...fact, n: known.n } : fact;
  return { ...encounter, facts: encounter.facts.map((one) => (one === known ? first : one)) };
};

/** No honest stay has so many. */
const ROOM = 40;

/**
 * Of a fact said over and over, with nothing else in between, the first and the last time are enough: what stands does not
 * depend on those between them. So a sender that repeats itself for ever does not make a stay grow for ever.
 */
const withoutMiddles = (facts: readonly StayFact[]): readonly StayFact[] => {
  if (facts.length <= ROOM) return facts;
  const ordered = inSendersOrder(facts);
  const same = (a: StayFact | undefined, b: StayFact): boolean => a !== undefined && a.kind === b.kind && sameFact(content(a), content(b));
  return ordered.filter((fact, i) => !(same(ordered[i - 1], fact) && same(ordered[i + 1], fact)));
};

const content = (fact: StayFact): object =>
  fact.kind === 'left' ? { discharge: fact.discharge, stay: fact.stay } : { ...fact, by: '', at: '', receivedAt: '', n: 0 };

/** A discharge as the facts have it: every account of it up to a cancel, what announced it, and what later updates said. */
export interface Departure {
  readonly n: number;
  /** None while it is only planned. */
  readonly accounts: readonly LeftFact[];
  readonly plans: readonly PlannedFact[];
  readonly amendments: readonly AmendFact[];
  readonly withdrawn: boolean;
}

interface Open {
  readonly accounts: LeftFact[];
  readonly plans: PlannedFact[];
  readonly amendments: AmendFact[];
  /** The last word on the plan was that there is none. */
  planTakenBack: boolean;
}

const nothingOpen = (): Open => ({ accounts: [], plans: [], amendments: [], planTakenBack: false });

/** Cuts the facts at the cancels. Departures come in the senders' order; a cancel that no discharge precedes waits for it. */
export const plannedOrLeft = (facts: readonly StayFact[]): readonly Departure[] => {
  const departures: Departure[] = [];
  let open = nothingOpen();
  const close = (withdrawn: boolean): void => {
    const { accounts, plans, amendments, planTakenBack } = open;
    const last = accounts.at(-1) ?? plans.at(-1);
    if (last) departures.push({ n: last.n, accounts, plans, amendments, withdrawn: withdrawn || (accounts.length === 0 && planTakenBack) });
    open = nothingOpen();
  };
  for (const fact of inSendersOrder(facts)) {
    if (fact.kind === 'left') open.accounts.push(fact);
    else if (fact.kind === 'cancelled' || fact.kind === 'voided') close(true);
    else if (fact.kind === 'amended' && open.accounts.length > 0) open.amendments.push(fact);
    else if (fact.kind === 'planned') {
      // Also one that is heard of when the patient has left: it announced that very leaving.
      open.plans.push(fact);
      open.planTakenBack = false;
    } else if (fact.kind === 'plan-cancelled') open.planTakenBack = true;
  }
  close(false);
  return departures;
};

/** Those that happened. */
export const departuresOf = (facts: readonly StayFact[]): readonly Departure[] => plannedOrLeft(facts).filter((one) => one.accounts.length > 0);

/**
 * Gives every departure its number. One that has a number keeps it, a discharge before a plan; where a late cancel splits an
 * account in two, the later half keeps it, because its episode is the one that lives.
 */
export const numbered = (encounter: EncounterState): EncounterState => {
  const departures = plannedOrLeft(encounter.facts);
  const numbers = new Map<Departure, number>();
  const keepOwn = (factsOf: (departure: Departure) => readonly NumberedFact[]): void => {
    for (const departure of [...departures].reverse()) {
      const taken = new Set(numbers.values());
      const own = numbers.has(departure) ? undefined : [...factsOf(departure)].reverse().find((fact) => fact.n > 0 && !taken.has(fact.n))?.n;
      if (own !== undefined) numbers.set(departure, own);
    }
  };
  keepOwn(({ accounts }) => accounts);
  keepOwn(({ plans }) => plans);
  let next = Math.max(0, ...numbers.values(), ...encounter.facts.map((fact) => (isNumbered(fact) ? fact.n : 0)));
  for (const departure of departures) if (!numbers.has(departure)) numbers.set(departure, (next += 1));
  const byFact = new Map(departures.flatMap((departure) => [...departure.accounts, ...departure.plans].map((fact): [StayFact, number] => [fact, numbers.get(departure)!])));
  return { ...encounter, facts: encounter.facts.map((fact) => (isNumbered(fact) ? { ...fact, n: byFact.get(fact) ?? fact.n } : fact)) };
};

/** Where the stay stands by the facts in the senders' order; undefined while nobody said that there is one. */
export const statusOf = ({ seen, facts }: Pick<EncounterState, 'seen' | 'facts'>): EncounterStatus | undefined => {
  let status: EncounterStatus | undefined = seen ? 'admitted' : undefined;
  for (const { kind } of inSendersOrder(facts)) {
    if (kind === 'left') status = 'discharged';
    else if (kind === 'voided') status = 'withdrawn';
    else if (kind === 'cancelled') status = status === 'withdrawn' ? status : 'discharge-withdrawn';
    // An admission that is heard of late does not bring anybody back who has left.
    else if (kind === 'admitted' && (status === undefined || status === 'withdrawn')) status = 'admitted';
  }
  return status;
};

/** The whole current fact of the stay. */
export const encounterFacts = (encounter: EncounterState, status: EncounterStatus): EncounterFacts =>
  present({
    patientId: encounter.patientId,
    encounterId: encounter.encounterId,
    status,
    encounterClass: encounter.encounterClass?.value ?? undefined,
    facility: encounter.facility?.value ?? { code: '' },
    admittedAt: encounter.admittedAt?.value ?? undefined,
  });
