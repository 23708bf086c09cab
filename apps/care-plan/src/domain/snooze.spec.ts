import { assignTask, claimTask } from '../application/assign-task.js';
import { completeTask } from '../application/complete-task.js';
import { snoozeTask, unsnoozeTask, type Snoozing } from '../application/snooze-task.js';
import { stateRisk } from '../application/state-risk.js';
import { admitted, booked, cancelled, discharged, hoursSnoozedWhenLate, PATIENT, World } from '../../test/world.js';

/** End of Sunday in New York: two days after the discharge. */
const DUE = '2026-03-09T03:59:59.999Z';
const TOMORROW = '2026-03-07T14:00:00.000Z';
const given = async (...heard: Parameters<World['hear']>[0][]): Promise<World> => {
  const world = new World();
  for (const one of [discharged(), ...heard]) await world.hear(one);
  return world;
};
const of = (world: World, step = 'obtain-summary') => ({ patientId: PATIENT, taskId: world.step(step)!.taskId });
const snooze = (world: World, over: Partial<Snoozing> = {}, actor = 'casey', step?: string) =>
  snoozeTask({ ...of(world, step), until: TOMORROW, reason: 'waiting-for-call-back', ...over }, world.tx(undefined, actor));
const refusal = (work: Promise<void>) => work.then(() => 'not refused', (error: { reason: string }) => error.reason);
const since = (world: World, n: number) => world.verbs().slice(n);
const history = (world: World) => [...world.history.values()].map(({ label, by, detail }) => [label, by, detail].filter(Boolean).join(' | '));
const summary = (world: World) => world.step('obtain-summary')!;

describe('a task that is put aside', () => {
  test('says so, stays due when it was due, and comes back by itself at that time', async () => {
    const world = await given();
    const said = world.said.length;
    await snooze(world, { note: 'ward clerk rings back' });
    expect(summary(world)).toMatchObject({ status: 'open', dueAt: DUE, version: 2, snoozed: { until: TOMORROW, reason: 'waiting-for-call-back', by: 'casey' }, wake: { job: 'task-snooze-over', at: TOMORROW } });
    await world.until(TOMORROW);
    expect(summary(world)).toMatchObject({ status: 'open', dueAt: DUE, version: 3, wake: { job: 'task-due', at: DUE } });
    expect(summary(world).snoozed).toBeUndefined();
    expect(since(world, said)).toEqual(['task.changed', 'task.changed']);
    expect(JSON.stringify(world.said)).not.toContain('ward clerk');
    expect(history(world).slice(-2)).toEqual([`Snoozed: Obtain the discharge information | casey | until ${TOMORROW}, waiting-for-call-back, ward clerk rings back`, 'Back on the list: Obtain the discharge information']);
  });

  test('never stays aside past its due time, and its ladder goes on as if it had not been aside', async () => {
    const world = await given();
    const left = await given();
    expect(await refusal(snooze(world, { until: '2026-03-09T04:00:00.000Z' }))).toBe('snooze-too-long');
    await snooze(world, { until: DUE });
    for (const one of [world, left]) await one.until('2026-03-12T00:00:00.000Z');
    expect(summary(world)).toEqual({ ...summary(left), version: summary(left).version + 1 });
    expect(summary(world)).toMatchObject({ status: 'overdue', escalation: 2 });
    expect(world.verbs().filter((verb) => /overdue|escalated/.test(verb))).toEqual(left.verbs().filter((verb) => /overdue|escalated/.test(verb)));
  });

  test('late already, is aside for a few hours at most, and is escalated meanwhile', async () => {
    const world = await given();
    await world.until('2026-03-10T02:00:00.000Z');
    expect(summary(world)).toMatchObject({ status: 'overdue', escalation: 1 });
    expect(hoursSnoozedWhenLate).toBe(4);
    expect(await refusal(snooze(world, { until: '2026-03-10T06:00:00.001Z' }))).toBe('snooze-too-long');
    await snooze(world, { until: '2026-03-10T06:00:00.000Z' });
    expect(summary(world)).toMatchObject({ snoozed: { until: '2026-03-10T06:00:00.000Z' }, wake: { job: 'task-escalate', at: '2026-03-10T03:59:59.999Z' } });
    await world.until('2026-03-10T04:00:00.000Z');
    expect(summary(world)).toMatchObject({ escalation: 2, escalatedTo: 'nurse', snoozed: { by: 'casey' }, wake: { job: 'task-snooze-over' } });
    await world.until('2026-03-10T06:00:00.000Z');
    expect(summary(world).snoozed).toBeUndefined();
    expect(summary(world).wake).toBeUndefined();
  });

  test('comes back at once when its due time moves ahead of it, late or not', async () => {
    const moved = await given();
    await snooze(moved, { until: '2026-03-20T12:00:00.000Z' }, 'casey', 'visit');
    await stateRisk({ patientId: PATIENT, episodeId: moved.episode()!.episodeId, risk: 'high' }, moved.tx());
    expect(moved.step('visit')).toMatchObject({ dueAt: '2026-03-14T03:59:59.999Z', snoozed: { until: '2026-03-14T03:59:59.999Z' }, wake: { job: 'task-due' } });
    const passed = await given();
    passed.now = '2026-03-13T12:00:00.000Z';
    await snooze(passed, { until: '2026-03-20T12:00:00.000Z' }, 'casey', 'reconcile');
    await passed.hear(booked());
    expect(passed.step('reconcile')).toMatchObject({ status: 'overdue', dueAt: '2026-03-13T03:59:59.999Z' });
    expect(passed.step('reconcile')!.snoozed).toBeUndefined();
  });

  test('is not put aside into the past, without a word for "other", or when it has ended', async () => {
    const world = await given();
    expect(await refusal(snooze(world, { until: world.now }))).toBe('snooze-in-the-past');
    expect(await refusal(snooze(world, { reason: 'other' }))).toBe('note-missing');
    await completeTask({ ...of(world), outcome: 'received' }, world.tx());
    expect(await refusal(snooze(world))).toBe('task-closed');
    expect(world.step('obtain-summary')!.snoozed).toBeUndefined();
  });

  test('is taken up again by a person, is done, or falls away: in each case it is aside no longer', async () => {
    const world = await given();
    await snooze(world);
    await unsnoozeTask(of(world), world.tx(undefined, 'corey'));
    expect(summary(world)).toMatchObject({ version: 3, wake: { job: 'task-due' } });
    expect(summary(world).snoozed).toBeUndefined();
    expect(history(world).at(-1)).toBe('Back on the list: Obtain the discharge information | corey');
    await snooze(world);
    await completeTask({ ...of(world), outcome: 'received' }, world.tx());
    await snooze(world, {}, 'casey', 'visit');
    await world.hear(cancelled());
    expect([summary(world).snoozed, summary(world).wake, world.step('visit')!.snoozed]).toEqual([undefined, undefined, undefined]);
    await world.until('2026-04-01T00:00:00.000Z');
    expect(world.statuses()).toMatchObject({ 'obtain-summary': 'completed', visit: 'withdrawn' });
  });

  test('had somebody look at it: its discharge cancelled, a person is asked to review', async () => {
    const world = await given();
    await snooze(world);
    await unsnoozeTask(of(world), world.tx());
    await world.hear(cancelled());
    expect(world.statuses()).toMatchObject({ 'review-cancelled-discharge': 'open' });
  });

  test('comes back in time also while the patient is in hospital again', async () => {
    const world = await given();
    await snooze(world);
    await world.hear(admitted());
    expect(world.episode()!.status).toBe('paused');
    expect(summary(world).wake).toEqual({ job: 'task-snooze-over', at: TOMORROW });
    await world.until(TOMORROW);
    expect([summary(world).snoozed, summary(world).wake]).toEqual([undefined, undefined]);
  });

  test('keeps the newest note, though nothing else of it changed', async () => {
    const world = await given();
    await snooze(world, { note: 'first' });
    await snooze(world, { note: 'second' });
    expect(summary(world).version).toBe(2);
    expect(world.work.get(summary(world).taskId)?.snooze?.note).toBe('second');
  });
});

describe('a task that changes hands', () => {
  test('is given to a person, who then sees it, and back to the team; the timeline says by whom', async () => {
    const world = await given();
    await snooze(world);
    await assignTask({ ...of(world), to: 'nina' }, world.tx(undefined, 'corey'));
    expect(summary(world)).toMatchObject({ assignee: 'nina', version: 3 });
    expect(summary(world).snoozed).toBeUndefined();
    await assignTask(of(world), world.tx(undefined, 'nina'));
    expect(summary(world).assignee).toBeUndefined();
    expect(history(world).slice(-2)).toEqual(['Given to nina: Obtain the discharge information | corey', 'Given back to the team: Obtain the discharge information | nina']);
    await world.hear(cancelled());
    expect(world.statuses()).toMatchObject({ 'review-cancelled-discharge': 'open' });
  });

  test('stays aside for whoever put it aside', async () => {
    const world = await given();
    await snooze(world);
    await claimTask(of(world), world.tx(undefined, 'casey'));
    expect(summary(world)).toMatchObject({ assignee: 'casey', snoozed: { by: 'casey' } });
    await claimTask(of(world), world.tx(undefined, 'corey'));
    expect(summary(world)).toMatchObject({ assignee: 'corey' });
    expect(summary(world).snoozed).toBeUndefined();
    expect(history(world).at(-1)).toBe('Taken on: Obtain the discharge information | corey');
  });
});
