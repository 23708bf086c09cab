import type { DataOf, EventOf } from '@throughline/contracts/flow';
import { instantOf, type Instant, type LocalDate } from '@throughline/kernel/business-time';
import { lasting, type Lasting } from './lasting.js';

export type ReferralEvent = EventOf<'care.patient.referred.v1'>;
type Said = DataOf<'care.patient.referred.v1'>;

/** Somebody asked that a patient be looked after, without a discharge: as intake said it, with what corrections must not take away. */
export interface Referral extends Lasting {
  readonly referralId: string;
  /** The key it is filed under for good. */
  readonly patientId: string;
  readonly zone: string;
  readonly referredAt: Instant;
  readonly referredDate: LocalDate;
  readonly by: Said['by'];
  /** What for, in its source's words: stays in this service's rows. */
  readonly reason?: string;
  /** The programme asked for, as its source calls it. */
  readonly programme?: string;
  readonly urgency?: 'routine' | 'urgent';
  readonly backdated: boolean;
  readonly withdrawn: boolean;
}

export const recordReferral = (known: Referral | undefined, event: ReferralEvent): Referral => {
  const { data } = event;
  const referredAt = instantOf(data.referredAt);
  const reason = data.reason?.text ?? data.reason?.display ?? data.reason?.code;
  return {
    referralId: data.referralId,
    patientId: data.patientId,
    zone: data.zone,
    referredAt,
    referredDate: data.referredDate,
    by: data.by,
    ...(reason ? { reason } : {}),
    ...(data.programme ? { programme: data.programme } : {}),
    ...(data.urgency ? { urgency: data.urgency } : {}),
    backdated: data.backdated,
    withdrawn: data.withdrawn,
    ...lasting(known, { event, heardAt: instantOf(event.time), at: referredAt, followed: !data.withdrawn, withdrawn: data.withdrawn }),
  };
};

/** Said again, with nothing in it that this service goes by. */
export const sameReferral = (a: Referral, b: Referral): boolean =>
  (['referredAt', 'referredDate', 'zone', 'by', 'reason', 'programme', 'urgency', 'backdated', 'withdrawn'] as const).every((field) => a[field] === b[field]);

/** Later of two referrals by when they were asked; the id settles a tie. */
export const askedLater = (a: Referral, b: Referral): boolean => a.referredAt > b.referredAt || (a.referredAt === b.referredAt && a.referralId > b.referralId);
