import { idOf } from '@throughline/kernel/ids';
import { replaced } from '../domain/person.js';
import { recordReferral as recorded, sameReferral, type Referral, type ReferralEvent } from '../domain/referral.js';
import type { HistoryEntry, Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

/** Somebody asked that a patient be looked after, corrected it, or took it back. */
export const recordReferral = async (event: ReferralEvent, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  const known = person.referrals.find(({ referralId }) => referralId === event.data.referralId);
  const referral = recorded(known, event);
  tx.keepReferral(referral);
  if (!known || !sameReferral(known, referral)) tx.tell(tell(event, known, referral));
  settlePerson({ ...person, referrals: replaced(person.referrals, referral, (other) => other.referralId === referral.referralId) }, tx);
};

const BY: Record<Referral['by'], string> = { clinician: 'Referred by a clinician', payer: 'Referred by a payer', community: 'Referred by a community service', patient: 'Came by themselves', unknown: 'Referred' };

const tell = (event: ReferralEvent, known: Referral | undefined, referral: Referral): HistoryEntry => {
  const detail = [referral.urgency === 'urgent' && 'urgent', referral.programme, referral.reason].filter(Boolean).join(', ');
  return {
    id: idOf('history', event.id),
    patientId: referral.patientId,
    kind: referral.withdrawn ? 'referral.withdrawn' : known ? 'referral.corrected' : 'referral.recorded',
    at: referral.withdrawal?.at ?? (known ? event.time : referral.referredAt),
    label: referral.withdrawn ? 'Referral taken back' : known ? 'Referral corrected' : BY[referral.by],
    ...(detail ? { detail } : {}),
  };
};
