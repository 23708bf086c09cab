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
});

export const MessageSettled = defineEvent('care.message.settled.v1', 'messageId', MessageData, 'What became of an outbound message');
