import * as z from 'zod';
import { defineEvent, fact } from './define-event.js';
import { ReferralData } from './statement-events.js';

/** What an episode follows, and each of its tasks with it: exactly one of both. */
const occasion = {
  /** The discharge, where the episode is of kind `transition`. */
  dischargeId: z.uuid().optional(),
  /** The referral, where it is of kind `programme`. */
  referralId: z.uuid().optional(),
};

const ofOneOccasion = ({ dischargeId, referralId }: { dischargeId?: string | undefined; referralId?: string | undefined }): boolean => (dischargeId === undefined) !== (referralId === undefined);
const ONE_OCCASION = { error: 'It is about a discharge or about a referral: exactly one of dischargeId and referralId' };

export const EpisodeData = z.object({
  ...fact,
  episodeId: z.uuid(),
  ...occasion,
  kind: z.enum(['transition', 'programme']),
  status: z.enum(['open', 'paused', 'superseded', 'withdrawn', 'closed']),
  /** Why it is not open, as a code. */
  reason: z.string().optional(),
  protocol: z.object({ id: z.string(), version: z.string() }),
  openedAt: z.iso.datetime().optional(),
  /** As a person stated it; high brings the visit forward. */
  risk: z.enum(['standard', 'high']).optional(),
  /** Of kind `transition`. */
  dischargedAt: z.iso.datetime().optional(),
  /** Of kind `programme`: when it was asked for, by whom, and how urgently where that was said. */
  referredAt: z.iso.datetime().optional(),
  referredBy: ReferralData.shape.by.optional(),
  urgency: ReferralData.shape.urgency,
  /** The zone that its dates are counted in: the facility's, or the one a referral was dated in. */
  facilityZone: z.string(),
  /** When the visit, or the first visit of a programme, has to happen, by the protocol. Local dates, both included. */
  visitWindow: z.object({ from: z.iso.date(), to: z.iso.date(), dueAt: z.iso.datetime() }),
  backdated: z.boolean(),
}).refine(ofOneOccasion, ONE_OCCASION);

export const TaskData = z.object({
  ...fact,
  taskId: z.uuid(),
  episodeId: z.uuid(),
  ...occasion,
  protocol: z.object({ id: z.string(), version: z.string() }),
  stepId: z.string(),
  occurrence: z.int().positive(),
  /** The protocol step's label. Never a word of a patient's record. */
  label: z.string(),
  status: z.enum(['open', 'overdue', 'completed', 'withdrawn']),
  openedAt: z.iso.datetime(),
  dueAt: z.iso.datetime(),
  /** How the due time was made: rule, zone and calendar, so that it can be explained. */
  deadline: z.object({ rule: z.string(), zone: z.string(), calendar: z.string() }),
  team: z.string(),
  assignee: z.string().optional(),
  /** A person put it aside until then and says why, as a code; due time and ladder go on. Absent as soon as it is back. */
  snoozed: z.object({ until: z.iso.datetime(), reason: z.string(), by: z.string() }).optional(),
  /** 0 = nobody but the team was told; n = the n-th rung of the step's ladder. */
  escalation: z.int().nonnegative(),
  /** Role that the present rung tells. */
  escalatedTo: z.string().optional(),
  /** The fact that put the task here. */
  because: z.object({ eventId: z.uuid(), eventType: z.string() }),
  /** What will clear it, as codes. */
  clearedBy: z.array(z.string()),
  outcome: z.object({ code: z.string(), at: z.iso.datetime(), by: z.string(), evidence: z.uuid().optional() }).optional(),
  backdated: z.boolean(),
}).refine(ofOneOccasion, ONE_OCCASION);

export const ContactData = z.object({
  ...fact,
  contactId: z.uuid(),
  episodeId: z.uuid().optional(),
  at: z.iso.datetime(),
  mode: z.enum(['telephone', 'in-person', 'video', 'message']),
  with: z.enum(['patient', 'caregiver']),
  outcome: z.enum(['reached', 'no-answer', 'left-message', 'wrong-number', 'declined']),
  by: z.string(),
});

const episode = <const T extends `care.episode.${string}.v1`>(type: T, summary: string) => defineEvent(type, 'episodeId', EpisodeData, summary);
const task = <const T extends `care.task.${string}.v1`>(type: T, summary: string) => defineEvent(type, 'taskId', TaskData, summary);

export const EpisodeOpened = episode('care.episode.opened.v1', 'The follow-up of a discharge, or of a referral, began');
export const EpisodeChanged = episode('care.episode.changed.v1', 'An episode paused, resumed, or its visit window moved');
export const EpisodeEnded = episode('care.episode.ended.v1', 'An episode was withdrawn, superseded or closed');
export const TaskOpened = task('care.task.opened.v1', 'Something has to be done, by a time');
export const TaskChanged = task('care.task.changed.v1', 'A task was claimed, given to somebody, put aside or taken up again, or its due time moved');
export const TaskOverdue = task('care.task.overdue.v1', 'A due time passed and the task is not done');
export const TaskEscalated = task('care.task.escalated.v1', 'The next person was told of a task that is late');
export const TaskCompleted = task('care.task.completed.v1', 'A person or a piece of evidence cleared a task');
export const TaskWithdrawn = task('care.task.withdrawn.v1', 'The reason for a task is gone');
export const ContactRecorded = defineEvent('care.contact.recorded.v1', 'contactId', ContactData, 'A person tried to reach the patient or a caregiver');
