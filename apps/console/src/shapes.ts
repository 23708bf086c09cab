/** What the services answer, as far as the console shows it. */
export interface PatientName {
  readonly id: string;
  /** Null while no name was received. */
  readonly name: string | null;
  readonly birthDate?: string | null;
  readonly recordNumber?: string | null;
}

/** Who asked that a patient be looked after. */
export type ReferredBy = 'clinician' | 'payer' | 'community' | 'patient' | 'unknown';

/** What put a patient here. */
export interface Occasion {
  readonly kind: 'discharge' | 'referral';
  readonly at: string | null;
  readonly referredBy: ReferredBy | null;
  readonly urgency: 'routine' | 'urgent' | null;
}

export type TaskStatus = 'open' | 'overdue' | 'completed' | 'withdrawn';

export interface Task {
  readonly id: string;
  readonly version: number;
  readonly patientId: string;
  readonly patient: PatientName;
  readonly episodeId: string;
  readonly occasion: Occasion;
  readonly stepId: string;
  readonly label: string;
  readonly status: TaskStatus;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly team: string;
  readonly assignee?: string | null;
  readonly escalation: number;
  readonly escalatedTo?: string | null;
  readonly backdated: boolean;
  readonly outcomes: readonly { readonly code: string; readonly label: string }[];
  readonly outcome?: { readonly code: string; readonly at: string; readonly by: string } | null;
  readonly note?: string | null;
  readonly snoozed?: { readonly until: string; readonly reason: string; readonly by: string; readonly note?: string | null } | null;
  /** The latest moment it can be snoozed until. */
  readonly snoozeLimit?: string | null;
  readonly correlationId?: string | null;
  readonly why: {
    readonly because: { readonly eventId: string; readonly eventType: string };
    readonly protocol: { readonly id: string; readonly version: string };
    readonly step: string;
    readonly deadline: { readonly rule: string; readonly zone: string; readonly calendar: string };
    readonly clearedBy: readonly string[];
  };
}

/** What became of one of several tasks that were completed together. */
export interface Completion {
  readonly id: string;
  readonly result: 'completed' | 'stale-version' | 'not-allowed' | 'not-found';
  readonly detail?: string;
}

export interface Colleague {
  readonly sub: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface Episode {
  readonly id: string;
  /** It follows a discharge, or a referral. */
  readonly kind: 'transition' | 'programme';
  readonly status: 'open' | 'paused' | 'superseded' | 'withdrawn' | 'closed';
  readonly reason?: string | null;
  readonly protocol: { readonly id: string; readonly version: string };
  readonly dischargedAt: string | null;
  readonly referredAt: string | null;
  readonly referredBy: ReferredBy | null;
  readonly urgency: 'routine' | 'urgent' | null;
  readonly visitWindow: { readonly from: string; readonly to: string; readonly dueAt: string };
  readonly backdated: boolean;
}

export interface TimelineEntry {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly label: string;
  readonly by?: string | null;
  readonly detail?: string | null;
  /** Lines of intake: the message's own number, as its sender gave it. */
  readonly controlId?: string;
}

export interface MedicationLine {
  readonly id: string;
  readonly source: string;
  readonly medicine: { readonly text: string; readonly code?: string | null };
  readonly dose?: { readonly value: string; readonly unit?: string | null } | null;
  readonly route?: string | null;
  readonly directions?: string | null;
  readonly timing?: { readonly code?: string | null; readonly text?: string | null; readonly duration?: string | null } | null;
  /** Absent: the source says nothing of it. */
  readonly status?: 'stopped' | 'cancelled' | 'on-hold' | 'completed' | null;
  readonly basis?: 'ordered' | 'dispensed' | 'administered' | null;
  readonly prescribedAt?: string | null;
}

export interface Reconciliation {
  readonly id: string;
  readonly version: number;
  readonly dischargeId: string;
  readonly status: 'open' | 'completed' | 'withdrawn';
  readonly openedAt: string;
  readonly lineIds: readonly string[];
  readonly completed?: { readonly at: string; readonly by: string } | null;
}

export interface FollowUp {
  readonly id: string;
  readonly version: number;
  readonly dischargeId: string;
  readonly status: 'requested' | 'booked' | 'withdrawn';
  readonly window: { readonly from: string; readonly to: string };
  readonly appointment?: { readonly at: string; readonly mode: string } | null;
}

/** A visit in somebody else's calendar, as they say. */
export interface StatedAppointment {
  readonly id: string;
  readonly source: string;
  readonly status: string;
  readonly withdrawn: boolean;
  readonly startsAt: string | null;
  readonly kind: string | null;
  readonly place: string | null;
  readonly with: string | null;
}
