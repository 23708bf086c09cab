import * as z from 'zod';
import { defineEvent, fact } from './define-event.js';

export const MessageData = z.object({
  ...fact,
  messageId: z.uuid(),
  taskId: z.uuid(),
  channel: z.enum(['email']),
  /** `unknown`: the connection broke after sending began; a person decides, it is never sent again by itself. */
  state: z.enum(['sent', 'failed', 'unknown']),
  at: z.iso.datetime(),
  /** Alone, or one of many in a mail. */
  kind: z.enum(['task', 'digest']).optional(),
  /** What the team was written to about. */
  reason: z.enum(['opened', 'overdue', 'escalated']).optional(),
  /** The mail it went in: its Message-ID. */
  envelopeId: z.string().optional(),
  plannedAt: z.iso.datetime().optional(),
  attempts: z.int().nonnegative().optional(),
  /** Of a failed one: why, as a code. */
  why: z.string().optional(),
  /** The task as it was when the message was planned. */
  task: z
    .object({ episodeId: z.uuid(), dischargeId: z.uuid().optional(), referralId: z.uuid().optional(), dueAt: z.iso.datetime(), zone: z.string(), label: z.string(), team: z.string(), assignee: z.string().optional(), escalatedTo: z.string().optional(), backdated: z.boolean(), status: z.enum(['open', 'overdue', 'completed', 'withdrawn']) })
    .optional(),
});

export const MessageSettled = defineEvent('care.message.settled.v1', 'messageId', MessageData, 'What became of an outbound message');
