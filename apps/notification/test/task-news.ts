import { idOf } from '@throughline/kernel/ids';
import type { TaskFact, TaskNews } from '../src/domain/notice.js';

export const PATIENT = idOf('test', 'patient', 1);

export const taskFact = (n: number, more: Partial<TaskFact> = {}): TaskFact => ({
  taskId: idOf('test', 'task', n),
  episodeId: idOf('test', 'episode', n),
  dischargeId: idOf('test', 'discharge', n),
  patientId: PATIENT,
  status: 'open',
  dueAt: '2026-03-04T22:00:00.000Z',
  zone: 'America/New_York',
  label: 'Reach the patient within 2 business days',
  team: 'transitions',
  backdated: false,
  ...more,
});

export const news = (type: TaskNews['type'], version: number, task: TaskFact): TaskNews => ({
  eventId: idOf('test', 'event', type, task.taskId, version),
  type,
  at: '2026-03-02T15:00:00.000Z',
  correlationId: idOf('test', 'correlation', 1),
  task,
});
