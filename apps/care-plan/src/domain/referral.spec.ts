import { idOf } from '@throughline/kernel/ids';
import { claimTask } from '../application/assign-task.js';
import { completeTask } from '../application/complete-task.js';
import { recordContact, type ContactInput } from '../application/record-contact.js';
import { stateRisk } from '../application/state-risk.js';
import { admitted, cancelled, discharged, DISCHARGE, patient, PATIENT, reconciled, referred, REFERRAL, unreferred, World } from '../../test/world.js';

const THREE = { contact: 'open', enrol: 'open', needs: 'open' };
const all = (status: string) => Object.fromEntries(Object.keys(THREE).map((step) => [step, status]));
const DEAD = patient({ deceased: true });
const OTHER = { referralId: idOf('statement', 'other'), referredAt: '2026-03-06T18:00:00.000Z' };
const given = async (...heard: Parameters<World['hear']>[0][]): Promise<World> => {
  const world = new World('2026-03-06T20:30:00.000Z');
  for (const one of heard) await world.hear(one);
  return world;
};
const call = (world: World, over: Partial<ContactInput> = {}) => recordContact({ patientId: PATIENT, at: '2026-03-06T19:00:00.000Z', mode: 'telephone', with: 'patient', outcome: 'reached', ...over }, world.tx());
const complete = (world: World, step: string, outcome: string, of = REFERRAL) => completeTask({ patientId: PATIENT, taskId: world.step(step, of)!.taskId, outcome }, world.tx());

describe('a referral', () => {
  test('opens one episode of kind programme and its tasks, each with its time, rule and reason; said again, nothing', async () => {
    const world = await given(referred());
    expect(world.statuses(REFERRAL)).toEqual(THREE);
    expect(world.verbs()).toEqual(['episode.opened', ...Array<string>(3).fill('task.opened')]);
    // Asked for on a Friday: business days 1 and 2 are Monday and Tuesday.
    expect(world.step('contact', REFERRAL)).toMatchObject({
      dueAt: '2026-03-11T03:59:59.999Z', deadline: { rule: 'End of business day 2 after the referral on 2026-03-06', zone: 'America/New_York' },
      because: { eventId: referred().id, eventType: 'care.patient.referred.v1' }, clearedBy: ['contact-reached'], referralId: REFERRAL, wake: { job: 'task-due' },
    });
    expect(world.step('needs', REFERRAL)?.dueAt).toBe('2026-03-21T03:59:59.999Z');
    expect(world.step('enrol', REFERRAL)?.dueAt).toBe('2026-04-06T03:59:59.999Z');
    expect(world.said[0]?.data).toMatchObject({ kind: 'programme', referralId: REFERRAL, referredBy: 'clinician', protocol: { id: 'community-referral', version: '1' }, visitWindow: { from: '2026-03-06', to: '2026-03-20' } });
    expect(world.said.every(({ data }) => !('dischargeId' in data))).toBe(true);
    await world.hear(referred());
    await world.hear(referred({ version: 2 }));
    expect(world.said).toHaveLength(4);
  });

  test('that is urgent is answered a day earlier, and a correction moves what is due', async () => {
    const world = await given(referred({ urgency: 'urgent' }));
    expect(world.step('contact', REFERRAL)).toMatchObject({ dueAt: '2026-03-10T03:59:59.999Z', deadline: { rule: 'End of business day 1 after the referral on 2026-03-06 (urgent)' } });
    await world.hear(referred({ version: 2, referredAt: '2026-03-04T15:00:00.000Z', referredDate: '2026-03-04' }));
    expect(world.step('contact', REFERRAL)).toMatchObject({ dueAt: '2026-03-07T04:59:59.999Z', version: 2 });
    expect(world.said.at(-1)?.data).toMatchObject({ referredAt: '2026-03-04T15:00:00.000Z', version: 2 });
  });

  test('says why in the timeline, and never in an event', async () => {
    const world = await given(referred({ urgency: 'urgent' }));
    expect([...world.history.values()]).toContainEqual(expect.objectContaining({ kind: 'referral.recorded', label: 'Referred by a clinician', detail: 'urgent, new to insulin' }));
    expect(JSON.stringify(world.said)).not.toContain('insulin');
  });

  test('heard of more than 30 days late opens overdue and climbs no ladder', async () => {
    const world = await given(referred({ referredAt: '2026-01-05T17:30:00.000Z', referredDate: '2026-01-05', backdated: true }));
    expect(world.statuses(REFERRAL)).toEqual(all('overdue'));
    expect(world.step('contact', REFERRAL)).toMatchObject({ escalation: 0 });
  });

  test('is followed until all is done', async () => {
    const world = await given(referred());
    await stateRisk({ patientId: PATIENT, episodeId: world.episode(REFERRAL)!.episodeId, risk: 'high' }, world.tx());
    expect(world.step('needs', REFERRAL)?.dueAt).toBe('2026-03-14T03:59:59.999Z');
    await call(world, { episodeId: world.episode(REFERRAL)!.episodeId });
    expect(world.step('contact', REFERRAL)).toMatchObject({ status: 'completed', outcome: { code: 'contact-reached', by: 'nurse-1' } });
    await complete(world, 'needs', 'asked');
    await complete(world, 'enrol', 'enrolled');
    expect(world.episode(REFERRAL)).toMatchObject({ status: 'closed', reason: 'all-done' });
    expect(world.verbs().at(-1)).toBe('episode.ended');
  });

  test('is late like any other: overdue at its time, then each rung', async () => {
    const world = await given(referred());
    await world.until('2026-03-12T04:00:00.000Z');
    expect(world.step('contact', REFERRAL)).toMatchObject({ status: 'overdue', escalation: 2, escalatedTo: 'nurse' });
  });
});

describe('a contact', () => {
  test('before the referral does not count', async () => {
    const world = await given(referred());
    await call(world, { at: '2026-03-06T17:00:00.000Z' });
    expect(world.step('contact', REFERRAL)?.status).toBe('open');
  });

  test('that names an episode counts for that one; without, for the last discharge and the last referral before it', async () => {
    const world = await given(discharged(), referred(), referred(OTHER));
    await call(world, { episodeId: world.episode(REFERRAL)!.episodeId });
    const statuses = () => [DISCHARGE, REFERRAL, OTHER.referralId].map((of) => world.step('contact', of)?.status);
    expect(statuses()).toEqual(['open', 'completed', 'open']);
    await call(world, { at: '2026-03-06T20:00:00.000Z' });
    expect(statuses()).toEqual(['completed', 'completed', 'completed']);
    const later = await given(referred(), referred(OTHER));
    await call(later);
    expect(later.step('contact', REFERRAL)?.status).toBe('open');
  });

  test('that failed is an attempt, and two let a person say that they were enough', async () => {
    const world = await given(referred());
    await call(world, { outcome: 'no-answer' });
    await expect(complete(world, 'contact', 'attempts-documented')).rejects.toThrow('attempts-missing');
    await call(world, { outcome: 'left-message', at: '2026-03-06T19:30:00.000Z' });
    await complete(world, 'contact', 'attempts-documented');
    expect(world.step('contact', REFERRAL)?.status).toBe('completed');
  });
});

describe('what ends a referral', () => {
  test('it is taken back: nobody acted, all is withdrawn', async () => {
    const world = await given(referred(), unreferred());
    expect(world.statuses(REFERRAL)).toEqual(all('withdrawn'));
    expect(world.episode(REFERRAL)).toMatchObject({ status: 'withdrawn', reason: 'referral-withdrawn' });
  });

  test('taken back after somebody acted, one person is asked to review; said again after all, nobody is', async () => {
    const world = await given(referred());
    await claimTask({ patientId: PATIENT, taskId: world.step('needs', REFERRAL)!.taskId }, world.tx());
    await world.hear(unreferred());
    expect(world.statuses(REFERRAL)).toEqual({ ...all('withdrawn'), 'review-withdrawn-referral': 'open' });
    expect(world.step('review-withdrawn-referral', REFERRAL)).toMatchObject({ dueAt: '2026-03-10T03:59:59.999Z', deadline: { rule: 'End of business day 1 after the withdrawal on 2026-03-06' }, because: { eventId: unreferred().id } });
    await world.hear(referred({ version: 3 }));
    expect(world.statuses(REFERRAL)).toEqual({ ...THREE, 'review-withdrawn-referral': 'withdrawn' });
  });

  test('taken back before it was heard of, it opens nothing', async () => {
    expect((await given(unreferred({ version: 1 }))).said).toEqual([]);
  });

  test.each([
    ['the record says so, before or after', [[referred(), DEAD], [DEAD, referred()]]],
    ['a stay ended with it', [[referred(), discharged({ followUp: { wanted: false, reason: 'deceased' } })]]],
  ])('the patient died: %s', async (_how, orders) => {
    for (const order of orders) {
      const world = await given(...order);
      expect(world.episode(REFERRAL)).toMatchObject({ status: 'withdrawn', reason: 'deceased' });
      expect(world.statuses(REFERRAL)).toEqual(all('withdrawn'));
    }
    const alive = await given(referred(), DEAD, patient({ version: 2 }));
    expect(alive.statuses(REFERRAL)).toEqual(THREE);
  });

  test('no stay does: an admission, a discharge and its cancel leave it as it is, and it leaves them', async () => {
    const world = await given(referred(), discharged(), admitted(), reconciled());
    expect(world.episode(REFERRAL)).toMatchObject({ status: 'open', version: 1 });
    expect(world.episode()).toMatchObject({ status: 'paused' });
    await world.hear(cancelled());
    expect(world.statuses(REFERRAL)).toEqual(THREE);
    expect(world.episode()).toMatchObject({ status: 'withdrawn' });
  });

  test('no other referral does: each is answered for itself', async () => {
    const world = await given(referred(), referred({ ...OTHER, by: 'payer' }));
    expect([world.episode(REFERRAL)?.status, world.episode(OTHER.referralId)?.status]).toEqual(['open', 'open']);
  });
});
