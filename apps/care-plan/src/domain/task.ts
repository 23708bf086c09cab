import type { DataOf } from '@throughline/contracts/flow';
import type { Instant } from '@throughline/kernel/business-time';
import type { ProtocolPin } from './protocol.js';
import type { Snoozed } from './snooze.js';

export interface TaskCore {
  readonly taskId: string;
  readonly patientId: string;
  readonly episodeId: string;
  /** As its episode: one of both. */
  readonly dischargeId?: string;
  readonly referralId?: string;
  readonly protocol: ProtocolPin;
  readonly stepId: string;
  readonly occurrence: number;
  readonly label: string;
  readonly team: string;
  readonly openedAt: Instant;
  /** The ladder is climbed from here or from the due time, whichever is later: birth, reopening, end of a pause. */
  readonly clockFrom: Instant;
  readonly dueAt: Instant;
  readonly deadline: { readonly rule: string; readonly zone: string; readonly calendar: string };
  readonly assignee?: string;
  /** Aside just now; absent as soon as it is back. Never on a task that has ended. */
  readonly snoozed?: Snoozed;
  readonly because: { readonly eventId: string; readonly eventType: string };
  readonly correlationId: string;
  readonly clearedBy: readonly string[];
  readonly backdated: boolean;
  /** When the clock has to look at it again; absent while nothing more can happen by itself. */
  readonly wake?: { readonly job: 'task-due' | 'task-escalate' | 'task-snooze-over'; readonly at: Instant };
  readonly version: number;
}

export interface Outcome {
  readonly code: string;
  readonly at: Instant;
  readonly by: string;
  readonly evidence?: string;
}

export type TaskState =
  | { readonly status: 'open' }
  | { readonly status: 'overdue'; readonly escalation: number; readonly escalatedTo?: string }
  | { readonly status: 'completed'; readonly outcome: Outcome }
  /** The outcome's code says why. */
  | { readonly status: 'withdrawn'; readonly outcome: Outcome };

export type Task = TaskCore & TaskState;

/** The whole fact as others hear it; no word that a person typed. */
export const taskData = (task: Task): DataOf<'care.task.opened.v1'> => ({
  patientId: task.patientId,
  version: task.version,
  taskId: task.taskId,
  episodeId: task.episodeId,
  ...(task.referralId ? { referralId: task.referralId } : { dischargeId: task.dischargeId }),
  protocol: { id: task.protocol.id, version: task.protocol.version },
  stepId: task.stepId,
  occurrence: task.occurrence,
  label: task.label,
  status: task.status,
  openedAt: task.openedAt,
  dueAt: task.dueAt,
  deadline: { rule: task.deadline.rule, zone: task.deadline.zone, calendar: task.deadline.calendar },
  team: task.team,
  ...(task.assignee ? { assignee: task.assignee } : {}),
  ...(task.snoozed ? { snoozed: { until: task.snoozed.until, reason: task.snoozed.reason, by: task.snoozed.by } } : {}),
  escalation: task.status === 'overdue' ? task.escalation : 0,
  ...(task.status === 'overdue' && task.escalatedTo ? { escalatedTo: task.escalatedTo } : {}),
  because: { eventId: task.because.eventId, eventType: task.because.eventType },
  clearedBy: [...task.clearedBy],
  ...(task.status === 'completed' || task.status === 'withdrawn' ? { outcome: outcomeData(task.outcome) } : {}),
  backdated: task.backdated,
});

const outcomeData = ({ code, at, by, evidence }: Outcome) => ({ code, at, by, ...(evidence ? { evidence } : {}) });

/** Nothing that anybody can see differs. */
export const sameTask = (a: Task, b: Task): boolean =>
  JSON.stringify(taskData({ ...a, version: 0 })) === JSON.stringify(taskData({ ...b, version: 0 }));

/** Nothing of it has to be written again. */
export const sameRow = (a: Task, b: Task): boolean =>
  sameTask(a, b) && a.clockFrom === b.clockFrom && a.wake?.job === b.wake?.job && a.wake?.at === b.wake?.at;

export const isFinal = (task: Pick<Task, 'status'>): boolean => task.status === 'completed' || task.status === 'withdrawn';
