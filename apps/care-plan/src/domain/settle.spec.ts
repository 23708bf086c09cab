import { idOf } from '@throughline/kernel/ids';
import { claimTask } from '../application/assign-task.js';
import { completeTask } from '../application/complete-task.js';
import { recordContact, type ContactInput } from '../application/record-contact.js';
import { stateRisk } from '../application/state-risk.js';
import { admitted, booked, cancelled, discharged, DISCHARGE, document, PATIENT, reconciled, requested, World } from '../../test/world.js';

const FIVE = { contact: 'open', 'obtain-summary': 'open', reconcile: 'open', 'book-visit': 'open', visit: 'open' };
const all = (status: string) => Object.fromEntries(Object.keys(FIVE).map((step) => [step, status]));
const contact = (over: Partial<ContactInput> = {}): ContactInput => ({ patientId: PATIENT, at: '2026-03-06T19:00:00.000Z', mode: 'telephone', with: 'patient', outcome: 'reached', ...over });
const given = async (...heard: Parameters<World['hear']>[0][]): Promise<World> => {
  const world = new World();
  for (const one of heard) await world.hear(one);
  return world;
};
const LATER = { dischargeId: idOf('discharge', 'later'), encounterId: idOf('encounter', 'later'), dischargedAt: '2026-03-20T18:00:00.000Z', dischargeDate: '2026-03-20' };

describe('a discharge that is followed up', () => {
  test('opens one episode and five tasks, each with its time, rule and reason', async () => {
    const world = await given(discharged());
    expect(world.statuses()).toEqual(FIVE);
    expect(world.verbs()).toEqual(['episode.opened', ...Array<string>(5).fill('task.opened')]);
    // Friday: business days 1 and 2 are Monday and Tuesday; New York changed to summer time on Sunday.
    expect(world.step('contact')).toMatchObject({ dueAt: '2026-03-11T03:59:59.999Z', deadline: { rule: 'End of business day 2 after the discharge on 2026-03-06', zone: 'America/New_York', calendar: 'us-federal@2024.1' }, because: { eventId: discharged().id }, clearedBy: ['contact-reached'], wake: { job: 'task-due', at: '2026-03-11T03:59:59.999Z' } });
    expect(world.step('obtain-summary')?.dueAt).toBe('2026-03-09T03:59:59.999Z');
    expect(world.step('reconcile')?.dueAt).toBe('2026-03-21T03:59:59.999Z');
    expect(world.step('visit')?.dueAt).toBe('2026-03-21T03:59:59.999Z');
    expect(world.episode()).toMatchObject({ status: 'open', version: 1, protocol: { id: 'transitional-care', version: '1' }, visitWindow: { from: '2026-03-07', to: '2026-03-20' } });
  });

  test('that asks for no follow-up opens nothing; corrected to that, it ends what there was', async () => {
    const none = { wanted: false, reason: 'hospice' } as const;
    expect((await given(discharged({ followUp: none }))).said).toEqual([]);
    const world = await given(discharged(), discharged({ version: 2, followUp: none }));
    expect(world.statuses()).toEqual(all('withdrawn'));
    expect(world.episode()).toMatchObject({ status: 'withdrawn', reason: 'hospice' });
  });

  test('an unknown zone is an error that names it', async () => {
    await expect(given(discharged({ facilityZone: 'Mars/Olympus' }))).rejects.toThrow('Mars/Olympus');
  });

  test('a risk stated high brings visit and reconciliation forward', async () => {
    const world = await given(discharged());
    await stateRisk({ patientId: PATIENT, episodeId: world.episode()!.episodeId, risk: 'high' }, world.tx());
    expect(world.step('visit')).toMatchObject({ dueAt: '2026-03-14T03:59:59.999Z', version: 2 });
    expect(world.step('reconcile')?.dueAt).toBe('2026-03-14T03:59:59.999Z');
    expect(world.verbs().slice(6)).toEqual(['task.changed', 'task.changed', 'episode.changed']);
  });

  test('a correction moves due times and reopens nothing', async () => {
    const world = await given(discharged(), reconciled());
    await world.hear(discharged({ version: 2, dischargedAt: '2026-03-04T18:00:00.000Z', dischargeDate: '2026-03-04' }));
    expect(world.step('contact')).toMatchObject({ status: 'open', dueAt: '2026-03-07T04:59:59.999Z' });
    expect(world.step('reconcile')?.status).toBe('completed');
    expect(world.episode()).toMatchObject({ version: 2, visitWindow: { from: '2026-03-05', to: '2026-03-18' } });
  });
});

describe('what clears a task', () => {
  test('a person who reached the patient; attempts alone do not, but let a person say that they were enough', async () => {
    const world = await given(discharged());
    const { taskId } = world.step('contact')!;
    const enough = () => completeTask({ patientId: PATIENT, taskId, outcome: 'attempts-documented' }, world.tx());
    await recordContact(contact({ outcome: 'no-answer', at: '2026-03-06T18:00:05.000Z' }), world.tx());
    await expect(enough()).rejects.toThrow('attempts-missing');
    await recordContact(contact({ outcome: 'left-message', at: '2026-03-06T18:00:08.000Z' }), world.tx());
    expect(world.step('contact')?.status).toBe('open');
    await enough();
    expect(world.step('contact')).toMatchObject({ status: 'completed', outcome: { code: 'attempts-documented', by: 'nurse-1' } });
  });

  test('a contact before the discharge does not count, and one in the future is refused', async () => {
    const world = await given(discharged());
    await recordContact(contact({ at: '2026-03-06T17:00:00.000Z' }), world.tx());
    expect(world.step('contact')?.status).toBe('open');
    await expect(recordContact(contact({ at: '2026-03-07T17:00:00.000Z' }), world.tx())).rejects.toThrow('contact-in-the-future');
    await expect(recordContact(contact({ at: world.now, episodeId: idOf('episode', 'other') }), world.tx())).rejects.toThrow('episode-not-of-patient');
  });

  test('a discharge summary that comes stops the clock of the task that waits for it, also when it comes first', async () => {
    for (const order of [[discharged(), document()], [document(), discharged()]]) {
      const world = new World();
      for (const one of order) await world.hear(one);
      expect(world.step('obtain-summary')).toMatchObject({ status: 'completed', outcome: { code: 'summary-received', by: 'service:intake', evidence: document().id } });
      expect(world.statuses()).toMatchObject({ contact: 'open', reconcile: 'open' });
    }
  });

  test.each<[string, Partial<Parameters<typeof document>[0]> & { withdrawn?: boolean }]>([
    ['announced only', { withContent: false }], ['of another kind', { dischargeSummary: false }], ['of another stay', { encounterId: idOf('encounter', 'other') }],
    ['of no stay that it names', { encounterId: undefined }], ['not finished', { completion: 'IP' }], ['taken back', { withdrawn: true }],
  ])('a document that is %s is told of, and clears nothing', async (_what, over) => {
    const world = new World();
    await world.hear(discharged());
    await world.hear(document(over));
    expect(world.statuses()).toEqual(FIVE);
    expect([...world.history.values()].map(({ kind }) => kind)).toContain(over.withdrawn ? 'document.withdrawn' : 'document.received');
  });

  test('evidence that came before its discharge clears the task at its birth, after it was opened', async () => {
    const world = new World('2026-03-06T20:00:00.000Z');
    await world.hear(reconciled());
    await world.hear(requested());
    await world.hear(booked());
    await recordContact(contact(), world.tx());
    expect(world.verbs()).toEqual(['contact.recorded']);
    await world.hear(discharged());
    expect(world.statuses()).toEqual({ ...FIVE, contact: 'completed', reconcile: 'completed', 'book-visit': 'completed' });
    expect(world.step('reconcile')).toMatchObject({ version: 2, outcome: { code: 'reconciliation-completed', by: 'pharmacist-1', at: '2026-03-06T19:00:00.000Z' } });
  });

  test('a visit booked early brings the reconciliation forward; lost again, it goes back; the booking stays done', async () => {
    const world = await given(discharged(), requested(), booked());
    expect(world.step('reconcile')).toMatchObject({ dueAt: '2026-03-13T03:59:59.999Z', deadline: { rule: 'No later than the visit booked for 2026-03-12' } });
    await world.hear(requested(DISCHARGE, 3));
    expect(world.step('reconcile')?.dueAt).toBe('2026-03-21T03:59:59.999Z');
    expect(world.step('book-visit')?.status).toBe('completed');
  });

  test('when all five are done the episode is closed', async () => {
    const world = await given(discharged(), reconciled(), booked());
    for (const [stepId, outcome] of [['contact', 'declined'], ['obtain-summary', 'received'], ['visit', 'seen']] as const) {
      await completeTask({ patientId: PATIENT, taskId: world.step(stepId)!.taskId, outcome, note: 'a word among colleagues' }, world.tx());
    }
    expect(world.episode()).toMatchObject({ status: 'closed', reason: 'all-done' });
    expect(world.verbs().at(-1)).toBe('episode.ended');
    expect(JSON.stringify(world.said)).not.toContain('colleagues');
    expect(JSON.stringify([...world.history.values()])).toContain('seen: a word among colleagues');
  });

  test('an outcome that is not of the step is refused with its field; so is a second completion', async () => {
    const world = await given(discharged());
    const { taskId } = world.step('visit')!;
    await expect(completeTask({ patientId: PATIENT, taskId, outcome: 'reached' }, world.tx())).rejects.toMatchObject({ reason: 'unknown-outcome', field: 'outcome' });
    await completeTask({ patientId: PATIENT, taskId, outcome: 'seen' }, world.tx());
    await expect(completeTask({ patientId: PATIENT, taskId, outcome: 'seen' }, world.tx())).rejects.toThrow('task-closed');
    await expect(claimTask({ patientId: PATIENT, taskId }, world.tx())).rejects.toThrow('task-closed');
  });
});

describe('a cancelled discharge', () => {
  test('that nobody acted on withdraws everything', async () => {
    const world = await given(discharged(), cancelled());
    expect(world.statuses()).toEqual(all('withdrawn'));
    expect(world.episode()).toMatchObject({ status: 'withdrawn', reason: 'discharge-withdrawn' });
    expect([...world.tasks.values()].every((task) => task.wake === undefined)).toBe(true);
  });

  test('that somebody acted on keeps what is done, withdraws the rest and asks one person to review', async () => {
    const world = await given(discharged(), reconciled());
    await claimTask({ patientId: PATIENT, taskId: world.step('visit')!.taskId }, world.tx());
    await world.hear(cancelled());
    expect(world.statuses()).toEqual({ ...all('withdrawn'), reconcile: 'completed', 'review-cancelled-discharge': 'open' });
    expect(world.step('review-cancelled-discharge')).toMatchObject({ dueAt: '2026-03-10T03:59:59.999Z', because: { eventId: cancelled().id, eventType: 'care.discharge.withdrawn.v1' } });
    await completeTask({ patientId: PATIENT, taskId: world.step('review-cancelled-discharge')!.taskId, outcome: 'reviewed' }, world.tx());
    expect(world.step('review-cancelled-discharge')?.status).toBe('completed');
  });

  test('heard of before its discharge opens nothing; a new discharge after it is a new episode', async () => {
    const world = await given(cancelled({ version: 1 }));
    expect(world.said).toEqual([]);
    const again = idOf('discharge', 'again');
    await world.hear(discharged({ dischargeId: again, n: 2 }));
    expect(world.statuses(again)).toEqual(FIVE);
  });

  test('an unsuccessful attempt to call is enough to ask for the review', async () => {
    const world = await given(discharged());
    world.now = '2026-03-06T19:30:00.000Z';
    await recordContact(contact({ outcome: 'no-answer' }), world.tx());
    await world.hear(cancelled());
    expect(world.statuses()).toEqual({ ...all('withdrawn'), 'review-cancelled-discharge': 'open' });
  });
});

describe('one person, several stays', () => {
  test('a newer discharge takes over, whichever was heard of first', async () => {
    for (const order of [[discharged(), discharged(LATER)], [discharged(LATER), discharged()]]) {
      const world = await given(...order);
      expect(world.episode()).toMatchObject({ status: 'superseded', reason: 'newer-discharge' });
      expect(world.statuses()).toEqual(all('withdrawn'));
      expect(world.statuses(LATER.dischargeId)).toEqual(FIVE);
    }
  });

  test('an emergency visit does not take over, a death does', async () => {
    const later = (reason: 'deceased' | 'not-an-inpatient-stay') => discharged({ ...LATER, followUp: { wanted: false, reason } });
    expect((await given(discharged(), later('not-an-inpatient-stay'))).episode()?.status).toBe('open');
    expect((await given(discharged(), later('deceased'))).episode()?.status).toBe('superseded');
  });

  test('an admission after it pauses it and stops its clocks; they go on when the stay ends', async () => {
    const world = await given(discharged(), admitted());
    expect(world.episode()).toMatchObject({ status: 'paused', reason: 'readmitted' });
    await world.until('2026-03-30T12:00:00.000Z');
    expect(world.statuses()).toEqual(FIVE);
    await world.hear(admitted({ version: 2, status: 'discharged' }));
    expect(world.episode()?.status).toBe('open');
    expect(world.step('contact')).toMatchObject({ status: 'overdue', escalation: 1 });
  });

  test('an admission before the discharge, of the same stay, or to the emergency room does not', async () => {
    for (const other of [{ admittedAt: '2026-03-01T08:00:00.000Z' }, { encounterId: discharged().data.encounterId }, { encounterClass: 'E' }, { encounterClass: 'O', inpatient: false }]) {
      expect((await given(admitted(other), discharged())).episode()?.status).toBe('open');
    }
  });
});

describe('clocks', () => {
  test('a task that is late is overdue and climbs its ladder, each rung once', async () => {
    const world = await given(discharged());
    await world.until('2026-03-11T03:59:59.999Z');
    expect(world.step('contact')).toMatchObject({ status: 'overdue', escalation: 1, escalatedTo: 'coordinator', version: 2, wake: { job: 'task-escalate', at: '2026-03-11T15:59:59.999Z' } });
    await world.until('2026-03-14T00:00:00.000Z');
    expect(world.step('contact')).toMatchObject({ escalation: 3, escalatedTo: 'admin', version: 4 });
    expect(world.step('contact')?.wake).toBeUndefined();
    const said = world.said.length;
    await world.until('2026-03-14T00:00:00.000Z');
    expect(world.said).toHaveLength(said);
    const about = world.said.filter(({ data }) => 'stepId' in data && data.stepId === 'contact').map(({ type, data }) => [type, 'escalation' in data && data.escalation]);
    expect(about).toEqual([['care.task.opened.v1', 0], ['care.task.overdue.v1', 1], ['care.task.escalated.v1', 2], ['care.task.escalated.v1', 3]]);
  });

  test('one that is done, or withdrawn, does not ring', async () => {
    const world = await given(discharged(), cancelled());
    const said = world.said.length;
    await world.until('2026-04-30T00:00:00.000Z');
    expect(world.said).toHaveLength(said);
  });

  test('tasks of an old discharge open overdue and climb no ladder', async () => {
    const world = await given(discharged({ backdated: true, dischargedAt: '2025-11-01T18:00:00.000Z', dischargeDate: '2025-11-01' }));
    expect(world.statuses()).toEqual(all('overdue'));
    await world.until('2026-04-30T00:00:00.000Z');
    expect(world.verbs()).toEqual(['episode.opened', ...Array<string>(5).fill('task.opened')]);
    expect(world.said.every(({ data }) => 'backdated' in data && data.backdated)).toBe(true);
  });

  test('one that was born late climbs from its birth, not all rungs at once', async () => {
    const world = new World('2026-03-16T12:00:00.000Z');
    await world.hear(discharged());
    expect(world.step('contact')).toMatchObject({ status: 'overdue', escalation: 1, wake: { at: '2026-03-17T00:00:00.000Z' } });
    expect(world.verbs()).toEqual(['episode.opened', ...Array<string>(5).fill('task.opened')]);
  });
});
