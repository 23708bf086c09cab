import { idOf, taskId, transitionEpisodeId } from '@throughline/kernel/ids';
import { assignTask, claimTask } from '../src/application/assign-task.js';
import { completeTask } from '../src/application/complete-task.js';
import { recordContact } from '../src/application/record-contact.js';
import { snoozeTask } from '../src/application/snooze-task.js';
import { booked, cancelled, discharged, DISCHARGE, patient as recorded, PATIENT, reconciled, referred, requested, unreferred } from './world.js';
import { standing, type Standing } from './standing.js';

const FIVE = { contact: 'open', 'obtain-summary': 'open', reconcile: 'open', 'book-visit': 'open', visit: 'open' };
const all = (status: string) => Object.fromEntries(Object.keys(FIVE).map((step) => [step, status]));
const task = (step: string) => ({ patientId: PATIENT, taskId: taskId(transitionEpisodeId(DISCHARGE), 'transitional-care', step, 1) });
const patient = recorded();
const reached = { patientId: PATIENT, at: '2026-03-06T18:00:05.000Z', mode: 'telephone', with: 'patient', outcome: 'reached' } as const;

describe('care-plan on a real database', () => {
  let service: Standing;
  beforeEach(async () => {
    service = await standing();
  });
  afterEach(() => service?.stop());

  test('a discharge makes one episode and five tasks with their alarms, in one transaction; said again, nothing', async () => {
    await service.hearTogether(patient, discharged());
    expect(await service.tasks()).toEqual(FIVE);
    expect(await service.said()).toEqual(['episode.opened', ...Array<string>(5).fill('task.opened')]);
    expect(await service.query('select distinct xmin from task')).toHaveLength(1);
    expect((await service.query<{ name: string }>('select name from job_request')).map(({ name }) => name)).toEqual(Array(5).fill('task-due'));
    await service.hear(discharged());
    expect(service.settled.at(-1)?.outcome).toBe('repeat');
    expect(await service.said()).toHaveLength(6);
  });

  test('cancelled before anybody acted, all is withdrawn and no clock rings', async () => {
    await service.hear(discharged(), cancelled());
    expect(await service.tasks()).toEqual(all('withdrawn'));
    const said = await service.said();
    await service.advance('2026-04-30T00:00:00.000Z');
    expect(await service.said()).toEqual(said);
  });

  test('cancelled after somebody acted, one person is asked to review', async () => {
    await service.hear(discharged());
    await service.command((tx) => claimTask(task('visit'), tx));
    await service.command((tx) => completeTask({ ...task('obtain-summary'), outcome: 'received', note: 'by courier' }, tx));
    await service.hear(cancelled());
    expect(await service.tasks()).toEqual({ ...all('withdrawn'), 'obtain-summary': 'completed', 'review-cancelled-discharge': 'open' });
  });

  test('a cancel that comes first, a correction, and evidence that comes first', async () => {
    const other = { dischargeId: idOf('discharge', 'other'), encounterId: idOf('encounter', 'other') };
    await service.hear(cancelled({ ...other, version: 1 }), reconciled(), requested(), booked());
    expect(await service.said()).toEqual([]);
    await service.command((tx) => recordContact(reached, tx));
    await service.hear(discharged());
    expect(await service.tasks()).toEqual({ ...FIVE, contact: 'completed', reconcile: 'completed', 'book-visit': 'completed' });
    await service.hear(discharged({ version: 2, dischargedAt: '2026-03-04T18:00:00.000Z', dischargeDate: '2026-03-04' }));
    const [visit] = await service.query<{ due_at: Date; status: string; version: number }>(`select due_at, status, version from task where step_id = 'visit'`);
    expect(visit).toEqual({ due_at: new Date('2026-03-19T03:59:59.999Z'), status: 'open', version: 2 });
    expect((await service.query(`select from task where status = 'completed'`))).toHaveLength(3);
  });

  test('alarms and sweep: overdue at the due time, then each rung once; done is done', async () => {
    await service.hear(discharged());
    await service.command((tx) => completeTask({ ...task('visit'), outcome: 'seen' }, tx));
    await service.advance('2026-03-11T16:00:00.000Z');
    const contact = async () => (await service.query<{ status: string; escalation: number; wake: string | null }>(`select status, (body->>'escalation')::int as escalation, wake_job as wake from task where step_id = 'contact'`))[0];
    expect(await contact()).toEqual({ status: 'overdue', escalation: 2, wake: 'task-escalate' });
    await service.command((tx) => recordContact({ ...reached, at: '2026-03-11T15:00:00.000Z' }, tx));
    expect(await contact()).toMatchObject({ status: 'completed', wake: null });
    await service.advance('2026-04-30T00:00:00.000Z');
    expect(await service.tasks()).toEqual({ contact: 'completed', 'obtain-summary': 'overdue', reconcile: 'overdue', 'book-visit': 'overdue', visit: 'completed' });
    const said = await service.said();
    expect(said.filter((verb) => verb === 'task.overdue')).toHaveLength(4);
    // One correlation id from the message to everything that ever becomes of its tasks, days later and by any hand.
    expect(await service.query(`select distinct headers->>'ce_correlationid' id from outbox where type like 'care.task.%'`)).toHaveLength(1);
    expect(said.filter((verb) => verb === 'task.escalated')).toHaveLength(4);
    expect(service.alarms.armed).toEqual([]);
    expect((await service.sweep()).repaired).toBe(0);
  });

  test('alarms lost: the sweep wakes what is due by itself', async () => {
    await service.hear(discharged());
    service.clock.set(new Date('2026-03-09T13:00:00.000Z'));
    await service.query('truncate job_request');
    expect((await service.sweep()).repaired).toBe(1);
    expect((await service.tasks())['obtain-summary']).toBe('overdue');
  });

  test('put aside, a task comes back by its alarm, or by the sweep when the alarm is lost', async () => {
    await service.hear(discharged());
    const aside = (until: string) => service.command((tx) => snoozeTask({ ...task('visit'), until, reason: 'patient-asked' }, tx));
    const visit = async () => (await service.query<{ status: string; snoozed_until: Date | null; wake_job: string; version: number }>(`select status, snoozed_until, wake_job, version from task where step_id = 'visit'`))[0];
    await aside('2026-03-07T09:00:00.000Z');
    expect(await visit()).toEqual({ status: 'open', snoozed_until: new Date('2026-03-07T09:00:00.000Z'), wake_job: 'task-snooze-over', version: 2 });
    await service.advance('2026-03-07T09:00:00.000Z');
    expect(await visit()).toEqual({ status: 'open', snoozed_until: null, wake_job: 'task-due', version: 3 });
    await aside('2026-03-07T12:00:00.000Z');
    service.clock.set(new Date('2026-03-07T12:10:00.000Z'));
    await service.query('truncate job_request');
    expect((await service.sweep()).repaired).toBe(1);
    expect(await visit()).toMatchObject({ status: 'open', snoozed_until: null, wake_job: 'task-due' });
    await service.advance('2026-03-21T04:00:00.000Z');
    expect(await visit()).toMatchObject({ status: 'overdue', snoozed_until: null });
    expect(service.alarms.armed.filter(({ name }) => name === 'task-snooze-over')).toEqual([]);
  });

  describe('replay of whole topics with positions at 0 and the inbox emptied', () => {
    beforeEach(async () => {
      const again = { dischargeId: idOf('discharge', 'again'), n: 2, version: 1, dischargedAt: '2026-03-09T18:00:00.000Z', dischargeDate: '2026-03-09' };
      await service.hear(patient, discharged(), requested(), reconciled(), referred({ referralId: idOf('statement', 'gone') }), unreferred({ referralId: idOf('statement', 'gone') }));
      await service.command((tx) => recordContact(reached, tx));
      await service.hear(discharged({ version: 2, dischargedAt: '2026-03-06T17:00:00.000Z' }));
      await service.command((tx) => completeTask({ ...task('obtain-summary'), outcome: 'received' }, tx));
      await service.command((tx) => assignTask({ ...task('visit'), to: 'nurse-2' }, tx));
      await service.command((tx) => snoozeTask({ ...task('visit'), until: '2026-03-08T09:00:00.000Z', reason: 'other', note: 'calls back' }, tx));
      await service.hear(cancelled({ version: 3 }), discharged(again), discharged({ ...again, version: 2, dischargedAt: '2026-03-09T19:00:00.000Z' }), referred(), recorded({ version: 2, deceased: true }), recorded({ version: 3 }));
      await service.advance('2026-03-13T12:00:00.000Z');
    });

    test('changes no row and says nothing new', async () => {
      const before = await service.everything();
      expect(before['outbox']!.length).toBeGreaterThan(25);
      await service.replay();
      expect(await service.everything()).toEqual(before);
      expect(service.settled.slice(-13).every(({ outcome }) => outcome === 'stale')).toBe(true);
    });

    test('which fails with the version check taken out', async () => {
      const before = await service.everything();
      await service.replay({ versionCheck: false });
      const after = await service.everything();
      expect(after['outbox']!.length).toBeGreaterThan(before['outbox']!.length);
      expect(after['task']).not.toEqual(before['task']);
    });
  });
});
