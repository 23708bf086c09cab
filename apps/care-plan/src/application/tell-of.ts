import type { Publishes } from '@throughline/contracts/flow';
import type { Instant } from '@throughline/kernel/business-time';
import { idOf } from '@throughline/kernel/ids';
import type { Contact, Work } from '../domain/facts.js';
import type { Person } from '../domain/person.js';
import type { Task } from '../domain/task.js';
import type { HistoryEntry } from './ports.js';

type Told = Pick<HistoryEntry, 'label'> & Partial<Pick<HistoryEntry, 'at' | 'by' | 'detail'>>;
type CarePlanEvent = Publishes<'care-plan'>;
type TaskEvent = Extract<CarePlanEvent, { type: `care.task.${string}` }>;
type EpisodeEvent = Extract<CarePlanEvent, { type: `care.episode.${string}` }>;

/** The timeline's line for something this service just said. */
export const tellOf = (event: CarePlanEvent, person: Person, now: Instant): HistoryEntry | undefined => {
  if (event.type === 'care.contact.recorded.v1') return undefined;
  const aboutTask = isTask(event);
  const told = aboutTask ? task(event, person) : episode(event);
  const subject = aboutTask ? event.data.taskId : event.data.episodeId;
  return {
    id: idOf('history', event.type, subject, event.data.version),
    patientId: event.data.patientId,
    at: now,
    kind: event.type.slice('care.'.length, -'.v1'.length),
    episodeId: event.data.episodeId,
    ...(aboutTask ? { taskId: event.data.taskId } : {}),
    ...told,
  };
};

/** What a person wrote down of a contact; the note is gone from one that was restored. */
export const tellOfContact = ({ contactId, patientId, at, mode, with: whom, outcome, by, episodeId, note }: Contact): HistoryEntry => ({
  id: idOf('history', contactId),
  patientId,
  at,
  kind: 'contact.recorded',
  label: `Contact with the ${whom}: ${outcome}`,
  by,
  detail: [mode, note].filter(Boolean).join(': '),
  ...(episodeId === undefined ? {} : { episodeId }),
});

const isTask = (event: CarePlanEvent): event is TaskEvent => event.type.startsWith('care.task.');

const task = ({ type, data }: TaskEvent, person: Person): Told => {
  const work = person.work.get(data.taskId);
  switch (type) {
    case 'care.task.opened.v1':
      return { label: `To do: ${data.label}`, detail: `due ${data.dueAt}` };
    case 'care.task.overdue.v1':
      return { label: `Overdue: ${data.label}`, ...(data.escalatedTo ? { detail: `told: ${data.escalatedTo}` } : {}) };
    case 'care.task.escalated.v1':
      return { label: `Still overdue: ${data.label}`, ...(data.escalatedTo ? { detail: `told: ${data.escalatedTo}` } : {}) };
    case 'care.task.completed.v1':
      return { label: `Done: ${data.label}`, by: data.outcome!.by, detail: [data.outcome!.code, work?.completion?.note].filter(Boolean).join(': ') };
    case 'care.task.withdrawn.v1':
      return { label: `Withdrawn: ${data.label}`, by: data.outcome!.by, detail: data.outcome!.code };
    case 'care.task.changed.v1':
      return change(data, person.tasks.find((known) => known.taskId === data.taskId), work);
  }
};

const change = (data: TaskEvent['data'], was: Task | undefined, work: Work | undefined): Told => {
  const { claim, snooze } = work ?? {};
  if (was?.assignee !== data.assignee) {
    if (!data.assignee) return { label: `Given back to the team: ${data.label}`, by: claim?.givenBy };
    return claim?.givenBy ? { label: `Given to ${data.assignee}: ${data.label}`, by: claim.givenBy } : { label: `Taken on: ${data.label}`, by: data.assignee };
  }
  if (data.snoozed && data.snoozed.until !== was?.snoozed?.until) return { label: `Snoozed: ${data.label}`, by: data.snoozed.by, detail: [`until ${data.snoozed.until}`, data.snoozed.reason, snooze?.note].filter(Boolean).join(', ') };
  if (was?.snoozed && !data.snoozed) return { label: `Back on the list: ${data.label}`, by: snooze?.ended?.by };
  return { label: `Changed: ${data.label}`, detail: `due ${data.dueAt}` };
};

const episode = ({ type, data }: EpisodeEvent): Told => {
  switch (type) {
    case 'care.episode.opened.v1':
      return { label: `Follow-up of the ${data.kind === 'programme' ? 'referral' : 'discharge'} began`, detail: `${data.protocol.id}@${data.protocol.version}` };
    case 'care.episode.changed.v1':
      return data.status === 'paused' ? { label: 'Follow-up paused: in hospital again' } : { label: 'Follow-up changed', detail: `${data.kind === 'programme' ? 'first visit' : 'visit'} from ${data.visitWindow.from} to ${data.visitWindow.to}` };
    case 'care.episode.ended.v1':
      return { label: 'Follow-up ended', ...(data.reason ? { detail: data.reason } : {}) };
  }
};
