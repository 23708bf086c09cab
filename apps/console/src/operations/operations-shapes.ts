/** Why a message could not be read. */
export interface Reason {
  readonly code: number;
  readonly where?: string;
  readonly text: string;
}

/** An inbound message as intake lists it: ids, codes and times. */
export interface Inbound {
  readonly id: string;
  readonly receivedAt: string;
  readonly protocol: string;
  readonly sender: string;
  readonly controlId: string;
  readonly trigger: string;
  readonly answer: 'AA' | 'AE' | 'AR';
  readonly arrivals: number;
  readonly reasons: readonly Reason[] | null;
}

/** What became of a message that was read again. */
export interface ReadAgain {
  readonly answer: 'AA' | 'AE' | 'AR';
  readonly reasons: readonly Reason[];
}

export const PARKING = ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification'] as const;
export type Parking = (typeof PARKING)[number];

/** A message that a service set aside, as it lists it: no content. */
export interface Parked {
  readonly id: number;
  readonly topic: string;
  readonly type: string | null;
  readonly correlationId: string | null;
  readonly state: 'parked' | 'waiting' | 'behind';
  readonly reason: string;
  readonly tries: number;
  readonly nextAt: string | null;
  readonly at: string;
}

export interface Handled {
  readonly outcome: 'done' | 'failed' | 'waiting';
  readonly replayed: number;
  /** Still parked with it. */
  readonly left: number;
}

interface Counts {
  readonly AA: number;
  readonly AE: number;
  readonly AR: number;
  readonly repeats: number;
}

export interface Sender {
  readonly sender: string;
  readonly state: 'new' | 'steady' | 'silent' | 'gone';
  readonly lastMessageAt: string;
  readonly silentSince: string | null;
  readonly usualGapSeconds: number | null;
  readonly today: Counts;
  readonly week: Counts;
  readonly quarantined: number;
}

/** `/readyz` of the whole installation. */
export interface Condition {
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  /** What is wrong and stops nobody. */
  readonly degraded: readonly string[];
}
