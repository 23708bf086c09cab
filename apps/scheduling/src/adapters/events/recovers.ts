import type { Recovers } from '@throughline/platform/recovery/recovers';
import type { Tx } from '../../application/ports.js';
import { restoreFollowUp } from '../../application/restore-follow-up.js';

/** A follow-up goes by the episode as it stands: older words on it would take back what was restored. */
export const recovers: Recovers<'scheduling', Tx> = {
  restores: { 'care.follow-up.requested.v1': restoreFollowUp, 'care.follow-up.booked.v1': restoreFollowUp, 'care.follow-up.withdrawn.v1': restoreFollowUp },
  passesOver: ['care.episode.opened.v1', 'care.episode.changed.v1', 'care.episode.ended.v1'],
};
