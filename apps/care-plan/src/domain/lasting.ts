import type { Instant } from '@throughline/kernel/business-time';

/** What later corrections of a discharge or a referral must not take away. */
export interface Lasting {
  /** A follow-up was owed at some time, so there is an episode, if only a withdrawn one. */
  readonly everFollowed: boolean;
  /** Earliest time any version stated: a correction cannot push a contact to before what it followed. */
  readonly earliestAt: Instant;
  /** The fact that opened the episode. */
  readonly because: { readonly eventId: string; readonly eventType: string };
  readonly correlationId: string;
  /** The withdrawal in force: what a review is due after, and because of. */
  readonly withdrawal?: { readonly eventId: string; readonly eventType: string; readonly at: Instant; readonly correlationId: string };
}

interface Heard {
  readonly event: { readonly id: string; readonly type: string; readonly correlationId: string };
  readonly heardAt: Instant;
  /** When it happened, as this version has it. */
  readonly at: Instant;
  readonly followed: boolean;
  readonly withdrawn: boolean;
}

export const lasting = (known: Lasting | undefined, { event, heardAt, at, followed, withdrawn }: Heard): Lasting => {
  const cause = { eventId: event.id, eventType: event.type };
  return {
    everFollowed: (known?.everFollowed ?? false) || followed,
    earliestAt: known && known.earliestAt < at ? known.earliestAt : at,
    because: known?.everFollowed ? known.because : cause,
    correlationId: known?.everFollowed ? known.correlationId : event.correlationId,
    ...(withdrawn ? { withdrawal: known?.withdrawal ?? { ...cause, at: heardAt, correlationId: event.correlationId } } : {}),
  };
};
