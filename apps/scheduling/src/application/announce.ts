import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { FollowUp } from '../domain/follow-up.js';
import type { Tx } from './ports.js';

const TYPES = {
  requested: 'care.follow-up.requested.v1',
  booked: 'care.follow-up.booked.v1',
  withdrawn: 'care.follow-up.withdrawn.v1',
} as const satisfies Record<FollowUp['status'], Publishes<'scheduling'>['type']>;

const dataOf = (it: FollowUp): DataOf<'care.follow-up.requested.v1'> => ({
  patientId: it.patientId,
  version: it.version,
  followUpId: it.id,
  dischargeId: it.dischargeId,
  episodeId: it.episodeId,
  status: it.status,
  window: { from: it.window.from, to: it.window.to, dueAt: it.window.dueAt },
  ...(it.booking ? { appointment: { at: it.booking.at, mode: it.booking.mode, by: it.booking.by, outsideWindow: it.booking.outsideWindow } } : {}),
  facilityZone: it.facilityZone,
  requestedAt: it.requestedAt,
});

export const FOLLOW_UP_TYPES = Object.values(TYPES);

/** The event that states a follow-up as it is. */
export const followUpEvent = (it: FollowUp): Publishes<'scheduling'> => ({ type: TYPES[it.status], data: dataOf(it) });

/** Keeps what a decision changed and tells the others. A decision that changed nothing publishes nothing. */
export const announce = (changed: FollowUp | undefined, tx: Tx): void => {
  if (!changed) return;
  tx.followUps.put(changed);
  tx.publish(followUpEvent(changed));
};
