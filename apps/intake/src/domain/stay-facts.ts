import { compare, compareStamps, sameFact, type Stamp } from './kept.js';
import type { DischargeSaid, StaySaid } from './said.js';

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
  /** It tells how things stand, not that somebody came: who had left before is back. */
  readonly still?: true;
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
export type NumberedFact = LeftFact | PlannedFact;
export const isNumbered = (fact: StayFact): fact is NumberedFact => fact.kind === 'left' || fact.kind === 'planned';

const isUpdate = (fact: StayFact): number => (fact.kind === 'amended' ? 1 : 0);
const CANCELS: readonly StayFact['kind'][] = ['cancelled', 'voided', 'plan-cancelled'];
const isCancel = (fact: StayFact): number => (CANCELS.includes(fact.kind) ? 1 : 0);

/**
 * The senders' order. Most write whole seconds, so a cancel and the new discharge after it may bear the same one: within it
 * what came first was first, and an update speaks of what the second ended in. When nothing else tells them apart, a cancel
 * comes after what it cancels.
 */
export const inSendersOrder = (facts: readonly StayFact[]): readonly StayFact[] =>
  [...facts].sort((a, b) => compare(a.at, b.at) || isUpdate(a) - isUpdate(b) || compare(a.receivedAt, b.receivedAt) || isCancel(a) - isCancel(b) || compare(a.by, b.by));

/** Adds a fact unless the same was said before (a resend under another control id). Of two that say the same, the first to arrive is kept, in whatever order they are decided. */
export const addFact = <E extends { readonly facts: readonly StayFact[] }>(encounter: E, fact: StayFact): E => {
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
