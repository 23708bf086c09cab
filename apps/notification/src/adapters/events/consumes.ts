import type { Consumes, EventOf } from '@throughline/contracts/flow';
import { patientEvents } from '@throughline/platform/patients/patient-events';
import { hearTask } from '../../application/hear-task.js';
import type { Tx } from '../../application/ports.js';
import type { TaskNews } from '../../domain/notice.js';

const hear = ({ id, type, time, correlationId, data }: EventOf<TaskNews['type']>, tx: Tx): Promise<void> =>
  hearTask(
    {
      eventId: id,
      type,
      at: time,
      correlationId,
      task: {
        taskId: data.taskId,
        episodeId: data.episodeId,
        dischargeId: data.dischargeId,
        referralId: data.referralId,
        patientId: data.patientId,
        status: data.status,
        dueAt: data.dueAt,
        zone: data.deadline.zone,
        label: data.label,
        team: data.team,
        assignee: data.assignee,
        escalatedTo: data.escalatedTo,
        backdated: data.backdated,
      },
    },
    tx,
  );

export const consumes: Consumes<'notification', Tx> = {
  ...patientEvents,
  'care.task.opened.v1': hear,
  'care.task.changed.v1': hear,
  'care.task.overdue.v1': hear,
  'care.task.escalated.v1': hear,
  'care.task.completed.v1': hear,
  'care.task.withdrawn.v1': hear,
};
