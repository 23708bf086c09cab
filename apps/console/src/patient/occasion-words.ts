import type { Episode, ReferredBy } from '../shapes.js';
import { when } from '../time-words.js';

/** Who asks, in the order they are offered. */
export const REFERRERS = [
  { value: 'clinician', label: 'A clinician' },
  { value: 'payer', label: 'A payer' },
  { value: 'community', label: 'A community service' },
  { value: 'patient', label: 'The patient' },
] as const;

const BY: Record<ReferredBy, string> = { clinician: 'Referred by a clinician', payer: 'Referred by a payer', community: 'Referred by a community service', patient: 'Came by themselves', unknown: 'Referred' };
export const referredWords = (by: ReferredBy | null): string => BY[by ?? 'unknown'];

/** `Left hospital Fri, 6 Mar 2026, 13:00`, `Referred by a payer Fri, 6 Mar 2026, 12:30, urgent`. */
export const occasionWords = ({ kind, dischargedAt, referredAt, referredBy, urgency }: Episode): string => {
  const at = kind === 'programme' ? referredAt : dischargedAt;
  return [`${kind === 'programme' ? referredWords(referredBy) : 'Left hospital'}${at ? ` ${when(at)}` : ''}`, urgency === 'urgent' && 'urgent'].filter(Boolean).join(', ');
};
