import { idOf } from '@throughline/kernel/ids';

/** A task as care-plan told of it, without what only care-plan needs. Ids and codes: never a name, never a patient's words. */
export interface TaskFact {
  readonly taskId: string;
  readonly episodeId: string;
  /** What it is about: a discharge or a referral. */
  readonly dischargeId?: string | undefined;
  readonly referralId?: string | undefined;
  readonly patientId: string;
  readonly status: 'open' | 'overdue' | 'completed' | 'withdrawn';
  readonly dueAt: string;
  /** IANA zone the deadline was counted in. */
  readonly zone: string;
  readonly label: string;
  readonly team: string;
  readonly assignee?: string | undefined;
  readonly escalatedTo?: string | undefined;
  readonly backdated: boolean;
}

export interface TaskNews {
  readonly eventId: string;
  readonly type: 'care.task.opened.v1' | 'care.task.changed.v1' | 'care.task.overdue.v1' | 'care.task.escalated.v1' | 'care.task.completed.v1' | 'care.task.withdrawn.v1';
  readonly at: string;
  readonly correlationId: string;
  readonly task: TaskFact;
}

/** One line of the numbered stream that coordinators' screens and outside tools follow. Written once, never changed. */
export interface Notice {
  readonly id: string;
  /** Type of the event it tells of. */
  readonly type: TaskNews['type'] | 'care.message.settled.v1';
  readonly at: string;
  readonly taskId: string;
  readonly episodeId: string;
  readonly dischargeId?: string | undefined;
  readonly referralId?: string | undefined;
  readonly patientId: string;
  readonly status: TaskFact['status'] | 'message-failed' | 'message-unknown';
  readonly dueAt: string;
  readonly label: string;
  readonly team: string;
  readonly assignee?: string | undefined;
  readonly escalatedTo?: string | undefined;
  readonly backdated: boolean;
  readonly correlationId: string;
}

const aboutTask = (task: TaskFact) => ({
  taskId: task.taskId,
  episodeId: task.episodeId,
  ...(task.dischargeId === undefined ? {} : { dischargeId: task.dischargeId }),
  ...(task.referralId === undefined ? {} : { referralId: task.referralId }),
  patientId: task.patientId,
  dueAt: task.dueAt,
  label: task.label,
  team: task.team,
  ...(task.assignee === undefined ? {} : { assignee: task.assignee }),
  ...(task.escalatedTo === undefined ? {} : { escalatedTo: task.escalatedTo }),
  backdated: task.backdated,
});

/** The id follows from the event's, so telling twice is telling once. */
export const noticeOf = (news: TaskNews): Notice => ({
  id: idOf('notice', news.eventId),
  type: news.type,
  at: news.at,
  status: news.task.status,
  correlationId: news.correlationId,
  ...aboutTask(news.task),
});

/** Says that an e-mail did not surely arrive. One per attempt to send, however many tasks it was about. */
export const noticeOfMessage = (envelopeId: string, fate: 'failed' | 'unknown', task: TaskFact, correlationId: string, at: string): Notice => ({
  id: idOf('notice', 'message', envelopeId, fate),
  type: 'care.message.settled.v1',
  at,
  status: `message-${fate}`,
  correlationId,
  ...aboutTask(task),
});
