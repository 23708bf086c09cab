import type { EventOf } from '@throughline/contracts/flow';
import type { Booking, FollowUp } from '../domain/follow-up.js';
import type { Tx } from './ports.js';

type FollowUpEvent = EventOf<'care.follow-up.requested.v1'> | EventOf<'care.follow-up.booked.v1'> | EventOf<'care.follow-up.withdrawn.v1'>;

/** After the database was put back to an older copy: the follow-up is again as it was last stated. */
export const restoreFollowUp = async ({ data, time, correlationId }: FollowUpEvent, tx: Tx): Promise<readonly string[]> => {
  const { followUpId: id, appointment, facilityZone, requestedAt, ...stated } = data;
  const known = await tx.followUps.get(data.patientId, id);
  const lost: string[] = [];
  const or = <T>(value: T | undefined, other: T | undefined, what: string, without: T): T => {
    const found = value ?? other;
    if (found === undefined) lost.push(what);
    return found ?? without;
  };
  const before = known?.booking;
  const booking: Booking | undefined = appointment && {
    at: appointment.at,
    mode: appointment.mode,
    by: or(appointment.by, before?.at === appointment.at ? before.by : undefined, 'who booked it', 'service:scheduling'),
    // Said to be booked outside its window, it was taken knowingly.
    outsideWindow: appointment.outsideWindow ?? false,
  };
  const followUp: FollowUp = {
    ...stated,
    id,
    ended: data.status === 'withdrawn',
    facilityZone: or(facilityZone, known?.facilityZone, 'the zone of the facility', 'UTC'),
    requestedAt: requestedAt ?? known?.requestedAt ?? time,
    correlationId: known?.correlationId ?? correlationId,
    ...(booking ? { booking } : {}),
  };
  tx.followUps.put(followUp);
  return lost;
};
