import { after, earlierOf, type Instant } from '@throughline/kernel/business-time';

/** Why a task may be put aside for a while. A closed list, so that it can be counted; the note is for colleagues. */
export const SNOOZE_REASONS = ['waiting-for-call-back', 'patient-asked', 'waiting-for-documents', 'waiting-for-colleague', 'other'] as const;
export type SnoozeReason = (typeof SNOOZE_REASONS)[number];

/** A person put a task aside. Its due time, its clock and its ladder know nothing of it. */
export interface Snooze {
  readonly until: Instant;
  readonly reason: SnoozeReason;
  /** Typed by a person: stays in this service's rows. */
  readonly note?: string;
  readonly by: string;
  readonly at: Instant;
  /** Whoever put it aside knew that it was late already. */
  readonly whenLate: boolean;
  /** A person took it up again, or it changed hands. */
  readonly ended?: { readonly at: Instant; readonly by: string };
}

/** The part of it that others hear. */
export interface Snoozed {
  readonly until: Instant;
  readonly reason: SnoozeReason;
  readonly by: string;
}

/** The latest moment a task may be put aside until: when it is due, or a few hours from now once it is late. */
export const snoozeLimit = (dueAt: Instant, now: Instant, hoursWhenLate: number): Instant => (now < dueAt ? dueAt : after(now, `PT${hoursWhenLate}H`));

/**
 * Whether it is aside now. A due time that moved ahead of the chosen one brings it back: only who knew that it was late may
 * leave a late task aside.
 */
export const snoozedNow = (snooze: Snooze | undefined, dueAt: Instant, now: Instant): Snoozed | undefined => {
  if (!snooze || snooze.ended) return undefined;
  const until = snooze.whenLate ? snooze.until : earlierOf(snooze.until, dueAt);
  return now < until ? { until, reason: snooze.reason, by: snooze.by } : undefined;
};

/** Taken up again. */
export const endSnooze = (snooze: Snooze, at: Instant, by: string): Snooze => (snooze.ended ? snooze : { ...snooze, ended: { at, by } });
