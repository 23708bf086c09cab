import type { Publishes } from '@throughline/contracts/flow';
import type { Message } from '../domain/message.js';
import { noticeOfMessage, type TaskFact } from '../domain/notice.js';
import type { Tx } from './ports.js';

const aboutIn = ({ taskId: _taskId, patientId: _patientId, ...task }: TaskFact) => task;

/** What became of a message; undefined while that is open, or when it was never sent. */
export const settledEvent = (message: Message): Publishes<'notification'> | undefined =>
  message.state === 'sent' || message.state === 'failed' || message.state === 'unknown'
    ? {
        type: 'care.message.settled.v1',
        data: {
          patientId: message.patientId,
          version: message.version,
          messageId: message.id,
          taskId: message.task.taskId,
          channel: 'email',
          state: message.state,
          at: message.at,
          kind: message.kind,
          reason: message.reason,
          ...(message.envelopeId === undefined ? {} : { envelopeId: message.envelopeId }),
          plannedAt: message.plannedAt,
          attempts: message.attempts,
          ...(message.state === 'failed' ? { why: message.why } : {}),
          task: aboutIn(message.task),
        },
      }
    : undefined;

/** Keeps a message's new state, tells what settled it, and shows a person what did not surely arrive. */
export const announceMessage = (message: Message | undefined, tx: Tx): void => {
  if (!message) return;
  tx.messages.put(message);
  switch (message.state) {
    case 'sending':
      return tx.alarm('message-lease', message, message.leaseUntil);
    case 'planned':
      return tx.alarm('send-message', message, message.dueAt);
    case 'cancelled':
      return;
    case 'sent':
    case 'failed':
    case 'unknown':
      tx.publish(settledEvent(message)!);
      if (message.state !== 'sent') tx.notices.append(noticeOfMessage(message.envelopeId ?? message.id, message.state, message.task, message.correlationId, message.at));
  }
};
