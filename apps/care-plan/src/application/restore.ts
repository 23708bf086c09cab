import type { EventOf } from '@throughline/contracts/flow';
import { instantOf } from '@throughline/kernel/business-time';
import type { Episode, Standing } from '../domain/episode.js';
import type { Contact, Work } from '../domain/facts.js';
import type { Person } from '../domain/person.js';
import { endSnooze, snoozedNow, type Snooze, type SnoozeReason } from '../domain/snooze.js';
import type { Outcome, Task, TaskState } from '../domain/task.js';
import type { HistoryEntry, Tx } from './ports.js';
import { tellOf, tellOfContact } from './tell-of.js';

/*
 * After the database was put back to an older copy: what this service had said since is so again, people's decisions before all.
 * Each answers what the event does not hold. What follows from the facts of others (wake-ups, deadlines) comes with settling.
 */

type EpisodeEvent = EventOf<'care.episode.opened.v1'> | EventOf<'care.episode.changed.v1'> | EventOf<'care.episode.ended.v1'>;
type TaskEvent = EventOf<'care.task.opened.v1'> | EventOf<'care.task.changed.v1'> | EventOf<'care.task.overdue.v1'> | EventOf<'care.task.escalated.v1'> | EventOf<'care.task.completed.v1'> | EventOf<'care.task.withdrawn.v1'>;

const tell = (entry: HistoryEntry | undefined, tx: Tx): void => {
  if (entry) tx.tell(entry);
};

export const restoreEpisode = async (event: EpisodeEvent, tx: Tx): Promise<readonly string[]> => {
  const person = await tx.person(event.data.patientId);
  const { kind: _kind, status, reason, openedAt, risk, ...data } = event.data;
  const known = person.episodes.find(({ episodeId }) => episodeId === data.episodeId);
  const standing = (status === 'open' ? { status } : { status, reason }) as Standing;
  const episode: Episode = {
    ...data,
    ...(data.dischargedAt ? { dischargedAt: instantOf(data.dischargedAt) } : {}),
    ...(data.referredAt ? { referredAt: instantOf(data.referredAt) } : {}),
    visitWindow: { ...data.visitWindow, dueAt: instantOf(data.visitWindow.dueAt) },
    openedAt: instantOf(openedAt ?? known?.openedAt ?? event.time),
    risk: risk ?? known?.risk ?? 'standard',
    correlationId: known?.correlationId ?? event.correlationId,
    ...standing,
  };
  tx.keepEpisode(episode);
  tell(tellOf(event, person, instantOf(event.time)), tx);
  return risk === undefined && !known ? ['risk'] : [];
};

export const restoreTask = async (event: TaskEvent, tx: Tx): Promise<readonly string[]> => {
  const person = await tx.person(event.data.patientId);
  const { data } = event;
  const at = instantOf(event.time);
  const known = person.tasks.find(({ taskId }) => taskId === data.taskId);
  const work = workIn(event, person.work.get(data.taskId) ?? {});
  const { status, escalation, escalatedTo, outcome, snoozed, assignee, dueAt, openedAt, ...core } = data;
  const done = outcome && { ...outcome, at: instantOf(outcome.at) };
  const task: Task = {
    ...core,
    ...(assignee ? { assignee } : {}),
    ...(snoozed ? { snoozed: { until: instantOf(snoozed.until), reason: snoozed.reason as SnoozeReason, by: snoozed.by } } : {}),
    openedAt: instantOf(openedAt),
    dueAt: instantOf(dueAt),
    clockFrom: event.type === 'care.task.opened.v1' ? at : (known?.clockFrom ?? instantOf(openedAt)),
    correlationId: known?.correlationId ?? event.correlationId,
    ...stateIn(status, escalation, escalatedTo, done),
  };
  tx.keepTask(task, work);
  restoreEvidence(task, person, tx);
  tell(tellOf(event, { ...person, work: new Map(person.work).set(task.taskId, work) }, at), tx);
  const before = person.work.get(task.taskId);
  return [
    ...(work.completion && !before?.completion ? ['the note of who completed it, if there was one'] : []),
    ...(work.snooze && work.snooze.at !== before?.snooze?.at ? ['the note of who put it aside, if there was one'] : []),
  ];
};

const stateIn = (status: Task['status'], escalation: number, escalatedTo: string | undefined, outcome: Outcome | undefined): TaskState => {
  if (status === 'open') return { status };
  if (status === 'overdue') return { status, escalation, ...(escalatedTo ? { escalatedTo } : {}) };
  return { status, outcome: outcome! };
};

/** What people did on it, as far as the event says so. */
const workIn = ({ data, time }: TaskEvent, known: Work): Work => {
  const at = instantOf(time);
  const { claim, snooze, completion } = known;
  const { assignee, snoozed, status, outcome } = data;
  const dueAt = instantOf(data.dueAt);
  const stillAside = snoozed && snoozedNow(snooze, dueAt, at)?.until === instantOf(snoozed.until);
  const claimed = assignee === claim?.by ? claim : { ...(assignee ? { by: assignee } : {}), at };
  const aside: Snooze | undefined = snoozed && !stillAside
    ? { until: instantOf(snoozed.until), reason: snoozed.reason as SnoozeReason, by: snoozed.by, at, whenLate: at >= dueAt }
    : !snoozed && snooze && snooze.until > at && status !== 'completed' && status !== 'withdrawn'
      ? endSnooze(snooze, at, assignee ?? snooze.by)
      : snooze;
  const said = status === 'completed' && outcome && outcome.evidence === undefined ? { code: outcome.code, at: instantOf(outcome.at), by: outcome.by } : undefined;
  const completed = completion ?? said;
  return { ...(claimed ? { claim: claimed } : {}), ...(aside ? { snooze: aside } : {}), ...(completed ? { completion: completed } : {}) };
};

const WORK_OF_OTHERS = ['reconciliation-completed', 'follow-up-booked', 'summary-received'] as const;

/** A task that another service's work had cleared stays cleared, whenever that is heard of again. */
const restoreEvidence = (task: Task, person: Person, tx: Tx): void => {
  if (task.status !== 'completed' || task.outcome.evidence === undefined) return;
  const { code, evidence: eventId, at, by } = task.outcome;
  const kind = WORK_OF_OTHERS.find((one) => one === code);
  if (!kind || task.dischargeId === undefined || person.evidence.some((known) => known.kind === kind && known.dischargeId === task.dischargeId)) return;
  tx.keepEvidence({ kind, dischargeId: task.dischargeId, patientId: task.patientId, eventId, at, by });
};

export const restoreContact = async ({ data }: EventOf<'care.contact.recorded.v1'>, tx: Tx): Promise<readonly string[]> => {
  const contact: Contact = { ...data, at: instantOf(data.at) };
  tx.keepContact(contact);
  tx.tell(tellOfContact(contact));
  return ['the note of the contact, if there was one'];
};
