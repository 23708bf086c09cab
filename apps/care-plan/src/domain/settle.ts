import { addDays, type Instant } from '@throughline/kernel/business-time';
import type { Calendar } from '@throughline/kernel/calendar';
import { taskId } from '@throughline/kernel/ids';
import { clearanceOf, contactsFor, wasStarted } from './clearing.js';
import { deadlineOf, type Clockwork } from './deadline.js';
import { episodeData, hasEnded, sameEpisode, type Episode, type Standing } from './episode.js';
import type { Contact } from './facts.js';
import { occasionsOf, type Occasion } from './occasion.js';
import type { Person } from './person.js';
import { pinnedProtocol, protocolInForce, type Protocol, type ProtocolStep } from './protocol.js';
import { snoozedNow } from './snooze.js';
import { byTheClock, nextWake } from './task-clock.js';
import { moveTask, type CarePlanEvent } from './task-steps.js';
import { isFinal, sameRow, type Outcome, type Task, type TaskCore, type TaskState } from './task.js';

const US = 'service:care-plan';

export interface Reference {
  readonly protocols: readonly Protocol[];
  readonly calendars: ReadonlyMap<string, Calendar>;
}

export interface Settled {
  readonly episodes: readonly Episode[];
  readonly tasks: readonly Task[];
  readonly events: readonly CarePlanEvent[];
}

/**
 * Makes what is so agree with the facts: which episodes stand, which tasks are due, done or withdrawn. It looks at the facts
 * alone, never at the order they came in, so every interleaving ends in the same state; and it says only what changed.
 */
export const settle = (person: Person, reference: Reference, now: Instant): Settled => {
  const occasions = occasionsOf(person);
  const parts = occasions.map((occasion) => settleOccasion(occasion, contactsFor(occasion, occasions, person.contacts), person, reference, now));
  return { episodes: parts.flatMap((part) => part.episodes), tasks: parts.flatMap((part) => part.tasks), events: parts.flatMap((part) => part.events) };
};

const settleOccasion = (occasion: Occasion, contacts: readonly Contact[], person: Person, reference: Reference, now: Instant): Settled => {
  const { episodeId, standing } = occasion;
  const was = person.episodes.find((episode) => episode.episodeId === episodeId);
  const protocol = was ? pinnedProtocol(reference.protocols, was.protocol) : protocolInForce(reference.protocols, occasion.protocolId, occasion.date);
  const clock = clockworkOf(occasion, protocol, person, reference);
  const resumed = was?.status === 'paused' && standing.status !== 'paused';
  const idOf = (step: ProtocolStep) => taskId(episodeId, protocol.id, step.id, 1);

  const target = (step: ProtocolStep, under: Standing, because: TaskCore['because'], correlationId: string): Task => {
    const id = idOf(step);
    const known = person.tasks.find((task) => task.taskId === id);
    const { dueAt, deadline } = deadlineOf(step, clock);
    const assignee = person.work.get(id)?.claim?.by;
    const core: TaskCore = {
      taskId: id,
      patientId: occasion.patientId,
      episodeId,
      ...(occasion.kind === 'discharge' ? { dischargeId: occasion.id } : { referralId: occasion.id }),
      protocol: { id: protocol.id, version: protocol.version },
      stepId: step.id,
      occurrence: 1,
      label: step.label,
      team: step.team,
      openedAt: known?.openedAt ?? now,
      clockFrom: known && !resumed && !(known.status === 'withdrawn' && !hasEnded(under)) ? known.clockFrom : now,
      dueAt,
      deadline,
      ...(assignee ? { assignee } : {}),
      because,
      correlationId,
      clearedBy: step.clearedBy.map(({ evidence }) => evidence),
      backdated: occasion.backdated,
      version: known?.version ?? 0,
    };
    const state = stateOf(core, step, under, known, clearanceOf(step, id, occasion, contacts, person), now);
    const snoozed = isFinal(state) ? undefined : snoozedNow(person.work.get(id)?.snooze, dueAt, now);
    const task: Task = { ...core, ...(snoozed ? { snoozed } : {}), ...state };
    const wake = nextWake(task, step.escalation, under.status === 'paused');
    return wake ? { ...task, wake } : task;
  };

  const steps = protocol.steps.map((step) => ({ step, task: target(step, standing, occasion.because, occasion.correlationId) }));
  const review = reviewOf(occasion, person, idOf(protocol.cancelReview), wasStarted(protocol.steps.map(idOf), occasion, contacts, person));
  const reviews = review ? [{ step: protocol.cancelReview, task: target(protocol.cancelReview, review.standing, review.because, review.correlationId) }] : [];

  const done = standing.status !== 'withdrawn' && steps.every(({ task }) => task.status === 'completed');
  const episode = episodeOf(was, clock, done ? { status: 'closed', reason: 'all-done' } : standing, now);
  return say(was, episode, [...steps, ...reviews], person);
};

/** The task for what people had done when a discharge or referral was withdrawn: one, for a person; gone again if it was right after all. */
const reviewOf = (
  occasion: Occasion,
  person: Person,
  id: string,
  started: boolean,
): { standing: Standing; because: TaskCore['because']; correlationId: string } | undefined => {
  const known = person.tasks.find((task) => task.taskId === id);
  const { withdrawal } = occasion;
  if (withdrawal && started) return { standing: { status: 'open' }, because: { eventId: withdrawal.eventId, eventType: withdrawal.eventType }, correlationId: withdrawal.correlationId };
  return known && { standing: { status: 'withdrawn', reason: 'nothing-to-review' }, because: known.because, correlationId: known.correlationId };
};

const stateOf = (core: TaskCore, step: ProtocolStep, under: Standing, known: Task | undefined, cleared: Outcome | undefined, now: Instant): TaskState => {
  if (cleared) return { status: 'completed', outcome: cleared };
  if (under.status === 'paused') return { status: 'open' };
  if (under.status === 'open') return byTheClock(core, step.escalation, now);
  const same = known?.status === 'withdrawn' && known.outcome.code === under.reason;
  return { status: 'withdrawn', outcome: same ? known.outcome : { code: under.reason, at: now, by: US } };
};

const clockworkOf = (occasion: Occasion, protocol: Protocol, person: Person, reference: Reference): Clockwork => {
  const calendar = reference.calendars.get(protocol.calendar);
  if (!calendar) throw new Error(`Calendar ${protocol.calendar} of protocol ${protocol.id}@${protocol.version} is not loaded`);
  const appointmentAt = person.evidence.find((evidence) => evidence.kind === 'follow-up-booked' && evidence.dischargeId === occasion.id)?.appointmentAt;
  return { occasion, protocol, calendar, risk: person.risk.get(occasion.episodeId) ?? 'standard', ...(appointmentAt ? { appointmentAt } : {}) };
};

const episodeOf = (was: Episode | undefined, clock: Clockwork, standing: Standing, now: Instant): Episode => {
  const { occasion } = clock;
  const { visitWindow } = clock.protocol;
  const visit = deadlineOf(clock.protocol.steps.find((step) => step.id === visitWindow.step)!, clock);
  return {
    episodeId: occasion.episodeId,
    patientId: occasion.patientId,
    ...occasion.origin,
    protocol: { id: clock.protocol.id, version: clock.protocol.version },
    openedAt: was?.openedAt ?? now,
    facilityZone: occasion.zone,
    visitWindow: { from: addDays(occasion.date, visitWindow.firstDay), to: visit.date, dueAt: visit.dueAt },
    backdated: occasion.backdated,
    risk: clock.risk,
    correlationId: occasion.correlationId,
    version: was?.version ?? 0,
    ...standing,
  };
};

const say = (was: Episode | undefined, target: Episode, steps: readonly { step: ProtocolStep; task: Task }[], person: Person): Settled => {
  const moved = steps.map(({ step, task }) => ({ was: person.tasks.find((known) => known.taskId === task.taskId), ...moveTask(person.tasks.find((known) => known.taskId === task.taskId), task, step.escalation) }));
  const { before, after, episode } = moveEpisode(was, target);
  return {
    episodes: was && sameEpisode(was, episode) ? [] : [episode],
    tasks: moved.filter((move) => !move.was || !sameRow(move.was, move.task)).map((move) => move.task),
    events: [...before, ...moved.flatMap((move) => move.events), ...after],
  };
};

/** An episode is always opened first, so that whoever follows it learns of it, and ended second. */
const moveEpisode = (was: Episode | undefined, target: Episode): { before: CarePlanEvent[]; after: CarePlanEvent[]; episode: Episode } => {
  const { status: _status, ...core } = target;
  const before: CarePlanEvent[] = was ? [] : [{ type: 'care.episode.opened.v1', data: episodeData({ ...core, status: 'open', version: 1 }) }];
  const said: Episode = was ?? { ...core, status: 'open', version: 1 };
  if (JSON.stringify(episodeData({ ...said, version: 0 })) === JSON.stringify(episodeData({ ...target, version: 0 }))) return { before, after: [], episode: { ...target, version: said.version } };
  const episode = { ...target, version: said.version + 1 };
  return { before, after: [{ type: hasEnded(target) ? 'care.episode.ended.v1' : 'care.episode.changed.v1', data: episodeData(episode) }], episode };
};
