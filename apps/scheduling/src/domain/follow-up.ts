import { localDateOf } from '@throughline/kernel/business-time';
import { Refused } from '@throughline/kernel/refused';

/** Local dates at the facility, both included; `dueAt` is the instant the last one ends for the protocol. */
export interface Window {
  readonly from: string;
  readonly to: string;
  readonly dueAt: string;
}

export interface Appointment {
  readonly at: string;
  readonly mode: 'in-person' | 'video' | 'telephone';
}

export interface Booking extends Appointment {
  readonly by: string;
  /** A person took a date outside the window knowingly, so a window that moves does not ask for another. */
  readonly outsideWindow: boolean;
}

/** `status` follows from the other fields (`statusOf`), so no order of events can leave it wrong. */
export interface FollowUp {
  readonly id: string;
  readonly patientId: string;
  readonly dischargeId: string;
  readonly episodeId: string;
  readonly facilityZone: string;
  readonly correlationId: string;
  readonly requestedAt: string;
  readonly window: Window;
  readonly ended: boolean;
  readonly booking?: Booking | undefined;
  readonly status: 'requested' | 'booked' | 'withdrawn';
  /** One more with every published event. */
  readonly version: number;
}

export type RefusedBecause = 'withdrawn' | 'outside-window' | 'in-the-past';

/** What care-plan said of the episode, as a whole. Paused is alive: a visit is still owed. */
export interface EpisodeFact {
  readonly followUpId: string;
  readonly patientId: string;
  readonly dischargeId: string;
  readonly episodeId: string;
  readonly facilityZone: string;
  readonly window: Window;
  readonly ended: boolean;
  readonly correlationId: string;
}

const within = (at: string, window: Window, zone: string): boolean => {
  const date = localDateOf(at, zone);
  return window.from <= date && date <= window.to;
};

const statusOf = (it: Omit<FollowUp, 'status' | 'version'>): FollowUp['status'] => {
  if (it.ended) return 'withdrawn';
  if (!it.booking) return 'requested';
  // A window that moved away from the visit leaves it standing and asks for one that counts.
  return it.booking.outsideWindow || within(it.booking.at, it.window, it.facilityZone) ? 'booked' : 'requested';
};

const next = (it: Omit<FollowUp, 'status' | 'version'>, version: number): FollowUp => ({ ...it, status: statusOf(it), version: version + 1 });

const sameWindow = (a: Window, b: Window): boolean => a.from === b.from && a.to === b.to && a.dueAt === b.dueAt;

/** One follow-up request per discharge, as its episode stands. Undefined: nothing changed, so nothing is published. */
export const followEpisode = (current: FollowUp | undefined, episode: EpisodeFact, now: string): FollowUp | undefined => {
  if (!current) {
    if (episode.ended) return undefined;
    const { followUpId: id, ended, window, patientId, dischargeId, episodeId, facilityZone, correlationId } = episode;
    return next({ id, patientId, dischargeId, episodeId, facilityZone, correlationId, requestedAt: now, window, ended }, 0);
  }
  if (current.ended === episode.ended && sameWindow(current.window, episode.window)) return undefined;
  return next({ ...current, window: episode.window, ended: episode.ended }, current.version);
};

/**
 * Books the visit, or moves it. A date outside the window is refused unless it was chosen knowingly: the window is the
 * protocol's (transitional care: face to face within 7 or 14 days, CMS MLN908628), and a late visit does not meet it.
 */
export const book = (current: FollowUp, booking: Booking, now: string): FollowUp | undefined => {
  if (current.ended) throw new Refused<RefusedBecause>('withdrawn', 'The reason for this follow-up is gone, so there is nothing to book.');
  if (Date.parse(booking.at) < Date.parse(now)) {
    throw new Refused<RefusedBecause>('in-the-past', 'Give a date that is still to come. A visit that has taken place is recorded as a contact.', 'at');
  }
  const inside = within(booking.at, current.window, current.facilityZone);
  if (!inside && !booking.outsideWindow) {
    throw new Refused<RefusedBecause>(
      'outside-window',
      `Give a date from ${current.window.from} to ${current.window.to}, or send outsideWindow: true to book outside the window knowingly.`,
      'at',
    );
  }
  const kept: Booking = { ...booking, outsideWindow: !inside };
  const before = current.booking;
  if (before && before.at === kept.at && before.mode === kept.mode && before.outsideWindow === kept.outsideWindow) return undefined;
  return next({ ...current, booking: kept }, current.version);
};
