import type { DischargeData } from '@throughline/contracts/intake-events';
import type * as z from 'zod';

export type FollowUp = z.infer<typeof DischargeData>['followUp'];
export type NoFollowUp = Extract<FollowUp, { wanted: false }>['reason'];

/**
 * Which discharges are owed a follow-up; reference data an operator can replace (`reference/follow-up.json`).
 * Keys are normalised codes: upper case, NUBC numbers with two digits.
 */
export interface FollowUpRules {
  /** Discharge disposition -> why no follow-up is owed. A code that is not in it, or none, is no reason. */
  readonly dispositions: Readonly<Record<string, NoFollowUp>>;
  /** Encounter classes that are not an inpatient stay. */
  readonly notInpatient: readonly string[];
  /** Encounter classes of an emergency department; without them no emergency visit is stated. */
  readonly emergency?: readonly string[];
}

export const normalCode = (code: string): string => {
  const text = code.trim().toUpperCase();
  return /^\d$/.test(text) ? `0${text}` : text;
};

/**
 * A follow-up is wanted unless there is a known reason against it (transitional care: clinical rules 1.1). A missing or
 * unknown disposition, class or diagnosis is never a reason: the unknown patient must not fall through.
 */
export const followUpOf = (
  rules: FollowUpRules,
  facts: { readonly deceased: boolean; readonly disposition?: string | undefined; readonly encounterClass?: string | undefined; readonly earlier?: boolean },
): FollowUp => {
  if (facts.deceased) return { wanted: false, reason: 'deceased' };
  const byDisposition = facts.disposition === undefined ? undefined : rules.dispositions[normalCode(facts.disposition)];
  if (byDisposition) return { wanted: false, reason: byDisposition };
  if (facts.encounterClass !== undefined && rules.notInpatient.includes(normalCode(facts.encounterClass)))
    return { wanted: false, reason: 'not-an-inpatient-stay' };
  if (facts.earlier) return { wanted: false, reason: 'earlier-stay' };
  return { wanted: true };
};
