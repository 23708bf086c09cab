import type { Instant } from '@throughline/kernel/business-time';
import { patientLabel } from '@throughline/kernel/patient-label';
import type { EpisodeSeen, PatientSeen, TaskSeen, TimelineEntry } from '../../application/reads.js';
import { episodeData, type EpisodeOrigin } from '../../domain/episode.js';
import { stepOf } from '../../domain/protocol.js';
import type { Reference } from '../../domain/settle.js';
import { snoozeLimit } from '../../domain/snooze.js';
import { isFinal, taskData, type Task } from '../../domain/task.js';

export const patientView = (patient: PatientSeen) => ({
  ...patientLabel(patient.patientId, patient),
  family: patient.name.family,
  given: patient.name.given,
  recordAuthority: patient.recordNumber?.authority ?? null,
  sex: patient.sex ?? null,
  phone: patient.phone ?? null,
  language: patient.language ?? null,
  zone: patient.zone ?? null,
  deceased: patient.deceased,
});

/** What the view of a task is made with beside it. */
export interface Viewpoint {
  readonly reference: Reference;
  readonly now: Instant;
  readonly hoursSnoozedWhenLate: number;
}

/** A task with everything a row of the worklist says, why it is there included. */
export const taskView = ({ task, work, patient, origin }: TaskSeen, { reference, now, hoursSnoozedWhenLate }: Viewpoint) => {
  const { taskId, patientId, episodeId, dischargeId, referralId, because, clearedBy, deadline, protocol, ...data } = taskData(task);
  const step = reference.protocols.filter((known) => known.id === protocol.id && known.version === protocol.version).map((known) => stepOf(known, task.stepId))[0];
  return {
    id: taskId,
    ...data,
    patientId,
    patient,
    episodeId,
    dischargeId: dischargeId ?? null,
    referralId: referralId ?? null,
    occasion: occasionView(origin),
    assignee: data.assignee ?? null,
    escalatedTo: data.escalatedTo ?? null,
    outcome: data.outcome ?? null,
    note: work.completion?.note ?? null,
    snoozed: data.snoozed ? { ...data.snoozed, note: work.snooze?.note ?? null } : null,
    snoozeLimit: isFinal(task) ? null : snoozeLimit(task.dueAt, now, hoursSnoozedWhenLate),
    correlationId: task.correlationId,
    outcomes: step?.outcomes.map(({ code, label }) => ({ code, label })) ?? [],
    why: { label: task.label, because, protocol, step: task.stepId, deadline, clearedBy },
  };
};
/** What put the patient here. */
const occasionView = ({ dischargedAt, referredAt, referredBy, urgency }: EpisodeOrigin) =>
  referredAt === undefined
    ? { kind: 'discharge' as const, at: dischargedAt ?? null, referredBy: null, urgency: null }
    : { kind: 'referral' as const, at: referredAt, referredBy: referredBy ?? null, urgency: urgency ?? null };
export type TaskView = ReturnType<typeof taskView>;

/** What a change of a task answers: ids and codes, no word about the patient, because it is kept to be given again. */
export const taskChanged = (task: Task) => {
  const { taskId, version, status, dueAt, escalation, assignee, snoozed, outcome, patientId, episodeId } = taskData(task);
  return { id: taskId, version, status, dueAt, escalation, assignee: assignee ?? null, snoozed: snoozed ?? null, outcome: outcome ?? null, patientId, episodeId };
};
export type TaskChanged = ReturnType<typeof taskChanged>;

export const episodeView = ({ episode, patient }: EpisodeSeen) => {
  const { episodeId, patientId, ...data } = episodeData(episode);
  const { dischargeId = null, dischargedAt = null, referralId = null, referredAt = null, referredBy = null, urgency = null, reason = null } = data;
  const origin = { dischargeId, dischargedAt, referralId, referredAt, referredBy, urgency };
  return { id: episodeId, ...data, ...origin, reason, patientId, patient, risk: episode.risk, openedAt: episode.openedAt, correlationId: episode.correlationId };
};
export type EpisodeView = ReturnType<typeof episodeView>;

export const timelineView = ({ id, patientId, at, kind, label, by, detail, episodeId, taskId }: TimelineEntry) => ({
  id,
  patientId,
  at,
  kind,
  label,
  by: by ?? null,
  detail: detail ?? null,
  episodeId: episodeId ?? null,
  taskId: taskId ?? null,
});
