import { messageFor } from '../domain/email-policy.js';
import { cancelMessage } from '../domain/message.js';
import { noticeOf, type TaskNews } from '../domain/notice.js';
import type { Tx } from './ports.js';

/** Tells the coordinators at once, in the app; writes to the team when it is late; takes back what need not be said any more. */
export const hearTask = async (news: TaskNews, tx: Tx): Promise<void> => {
  tx.notices.append(noticeOf(news));
  if (tx.email.state === 'off') return;
  const message = messageFor(news, tx.email, tx.now);
  // An open task is not late (its due time may have been moved), so nobody has to be told that it is.
  const moot = news.task.status !== 'overdue';
  if (!message && !moot) return;
  const about = (await tx.messages.of(news.task.patientId)).filter((it) => it.task.taskId === news.task.taskId);
  const ended = news.task.status === 'completed' || news.task.status === 'withdrawn';
  for (const it of about) {
    if (!moot || (!ended && it.reason === 'opened')) continue;
    const cancelled = cancelMessage(it, ended ? 'task-ended' : 'not-late', tx.now);
    if (cancelled) tx.messages.put(cancelled);
  }
  if (!message || about.some((it) => it.id === message.id) || message.state !== 'planned') return;
  tx.messages.put(message);
  tx.alarm('send-message', message, message.dueAt);
};
