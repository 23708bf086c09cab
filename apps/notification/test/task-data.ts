import type { DataOf } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';

export type TaskData = DataOf<'care.task.opened.v1'>;

export const patientId = (n: number): string => idOf('test', 'patient', n);
export const taskId = (n: number): string => idOf('test', 'task', n);

/** Task `n` of patient `n`. */
export const task = (n: number, version = 1, more: Partial<TaskData> = {}): TaskData => ({
  patientId: patientId(n),
  version,
  taskId: taskId(n),
  episodeId: idOf('test', 'episode', n),
  dischargeId: idOf('test', 'discharge', n),
  protocol: { id: 'transitional-care', version: '1' },
  stepId: 'contact',
  occurrence: 1,
  label: 'Reach the patient within 2 business days',
  status: 'open',
  openedAt: '2026-03-02T15:00:00Z',
  dueAt: '2026-03-04T22:00:00Z',
  deadline: { rule: '2 business days', zone: 'America/New_York', calendar: 'us-federal' },
  team: 'transitions',
  escalation: 0,
  because: { eventId: idOf('test', 'event', n), eventType: 'care.discharge.recorded.v1' },
  clearedBy: ['contact-reached'],
  backdated: false,
  ...more,
});
