import type { EventOf } from '@throughline/contracts/flow';
import type { Message } from '../domain/message.js';
import { noticeOfMessage } from '../domain/notice.js';
import type { Tx } from './ports.js';

/** After the database was put back to an older copy: what was sent counts as sent, so that it is not sent again. */
export const restoreMessage = async ({ data, correlationId }: EventOf<'care.message.settled.v1'>, tx: Tx): Promise<readonly string[]> => {
  const { messageId: id, patientId, taskId, version, state, at } = data;
  const known = await tx.messages.get(patientId, id);
  const task = data.task ? { ...data.task, taskId, patientId } : known?.task;
  // Without it there is nothing to keep it under; the task's own news will plan it again.
  if (!task) return ['that it was sent: it may be sent again'];
  const envelopeId = data.envelopeId ?? id;
  const message: Message = {
    id, patientId, task, version,
    kind: data.kind ?? known?.kind ?? 'task',
    reason: data.reason ?? known?.reason ?? 'overdue',
    correlationId: known?.correlationId ?? correlationId,
    plannedAt: data.plannedAt ?? known?.plannedAt ?? at,
    expiresAt: known?.expiresAt ?? at,
    attempts: data.attempts ?? known?.attempts ?? 1,
    at, envelopeId,
    // Names no attempt: nobody is under way with it.
    claim: id,
    ...(state === 'failed' ? { state, why: data.why ?? 'unknown' } : { state }),
  };
  tx.messages.put(message);
  if (state !== 'sent') tx.notices.append(noticeOfMessage(envelopeId, state, task, message.correlationId, at));
  return [];
};
