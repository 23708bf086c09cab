import { assertNever } from '@throughline/kernel/assert-never';
import { Refused } from '@throughline/kernel/refused';
import { lineIdsOf, type MedicationLine } from './medication-line.js';

interface Identity {
  readonly id: string;
  readonly patientId: string;
  readonly dischargeId: string;
  readonly encounterId: string;
  readonly correlationId: string;
  readonly openedAt: string;
  /** One more with every published event. */
  readonly version: number;
  readonly lineIds: readonly string[];
}

/** Who compared the lists and stands by the result. Kept for good: a later correction of the discharge does not undo it. */
export interface Attestation {
  readonly at: string;
  readonly by: string;
  readonly note?: string | undefined;
}

export type Reconciliation =
  | (Identity & { readonly status: 'open' })
  | (Identity & { readonly status: 'completed'; readonly completed: Attestation })
  | (Identity & { readonly status: 'withdrawn' });

export type RefusedBecause = 'already-completed' | 'withdrawn';

/** What a decision publishes. Nothing when it changed nothing. */
export interface Change {
  readonly announces: 'opened' | 'changed' | 'completed' | 'withdrawn';
  readonly reconciliation: Reconciliation;
}

/** The discharge as it stands now: a whole fact, so its order against the lines does not matter. */
export interface DischargeFact {
  readonly reconciliationId: string;
  readonly patientId: string;
  readonly dischargeId: string;
  readonly encounterId: string;
  readonly wanted: boolean;
  readonly correlationId: string;
}

/**
 * Open exactly while a follow-up is wanted. A completed one stays completed whatever is recorded later. A withdrawn one
 * keeps no lines: which of them came before the withdrawal must not show.
 */
export const followDischarge = (
  current: Reconciliation | undefined,
  discharge: DischargeFact,
  lines: readonly MedicationLine[],
  now: string,
): Change | undefined => {
  if (current === undefined || current.status === 'withdrawn') {
    if (!discharge.wanted) return undefined;
    return {
      announces: 'opened',
      reconciliation: {
        id: discharge.reconciliationId,
        patientId: current?.patientId ?? discharge.patientId,
        dischargeId: discharge.dischargeId,
        encounterId: discharge.encounterId,
        correlationId: current?.correlationId ?? discharge.correlationId,
        openedAt: current?.openedAt ?? now,
        version: (current?.version ?? 0) + 1,
        lineIds: lineIdsOf(lines, discharge),
        status: 'open',
      },
    };
  }
  switch (current.status) {
    case 'completed':
      return undefined;
    case 'open':
      if (discharge.wanted) return undefined;
      return { announces: 'withdrawn', reconciliation: { ...current, status: 'withdrawn', lineIds: [], version: current.version + 1 } };
    default:
      return assertNever(current);
  }
};

/** Recomputes which of the person's lines an open reconciliation has. */
export const joinLines = (current: Reconciliation, lines: readonly MedicationLine[]): Change | undefined => {
  if (current.status !== 'open') return undefined;
  const lineIds = lineIdsOf(lines, current);
  if (lineIds.length === current.lineIds.length && lineIds.every((id, i) => id === current.lineIds[i])) return undefined;
  return { announces: 'changed', reconciliation: { ...current, lineIds, version: current.version + 1 } };
};

export const complete = (current: Reconciliation, attestation: Attestation): Change => {
  switch (current.status) {
    case 'open':
      return { announces: 'completed', reconciliation: { ...current, status: 'completed', completed: attestation, version: current.version + 1 } };
    case 'completed':
      throw new Refused<RefusedBecause>('already-completed', 'This reconciliation has been completed already. Read it again to see by whom.');
    case 'withdrawn':
      throw new Refused<RefusedBecause>('withdrawn', 'The discharge behind this reconciliation was withdrawn, so there is nothing to complete.');
    default:
      return assertNever(current);
  }
};
