import * as z from 'zod';
import { defineEvent, fact } from './define-event.js';

export const FollowUpData = z.object({
  ...fact,
  followUpId: z.uuid(),
  dischargeId: z.uuid(),
  episodeId: z.uuid(),
  status: z.enum(['requested', 'booked', 'withdrawn']),
  window: z.object({ from: z.iso.date(), to: z.iso.date(), dueAt: z.iso.datetime() }),
  /** `outsideWindow`: a person took a date outside the window knowingly. */
  appointment: z.object({ at: z.iso.datetime(), mode: z.enum(['in-person', 'video', 'telephone']), by: z.string().optional(), outsideWindow: z.boolean().optional() }).optional(),
  /** IANA zone the window's dates are counted in. */
  facilityZone: z.string().optional(),
  requestedAt: z.iso.datetime().optional(),
});

const followUp = <const T extends `care.follow-up.${string}.v1`>(type: T, summary: string) => defineEvent(type, 'followUpId', FollowUpData, summary);

export const FollowUpRequested = followUp('care.follow-up.requested.v1', 'A visit has to be found inside a window, or the window moved');
export const FollowUpBooked = followUp('care.follow-up.booked.v1', 'The follow-up visit has a date');
export const FollowUpWithdrawn = followUp('care.follow-up.withdrawn.v1', 'The reason for a follow-up visit is gone');
