import { dischargeId, idOf, programmeEpisodeId, taskId } from '@throughline/kernel/ids';
import { booted as boot, type Booted } from './booted.js';
import { standing } from './standing.js';
import { discharged, patient, PATIENT, referred, REFERRAL, unreferred } from './world.js';

interface Listed<T = Record<string, unknown>> {
  items: T[];
}
interface Item {
  id: string;
  version: number;
  stepId: string;
  status: string;
  referralId: string | null;
  dischargeId: string | null;
  occasion: Record<string, unknown>;
  patient: Record<string, unknown>;
  why: Record<string, unknown>;
  outcomes: { code: string }[];
}

const EPISODE = programmeEpisodeId(REFERRAL);
const idAt = (step: string): string => taskId(EPISODE, 'community-referral', step, 1);

describe('a patient who was referred, over HTTP', () => {
  let service: Booted;
  beforeEach(async () => {
    service = await boot();
    await service.hear(patient(), referred({ urgency: 'urgent' }));
  });
  afterEach(async () => {
    await service?.stop();
  });
  const listed = async (query: string) => (await service.ask<Listed<Item>>('GET', `/tasks?${query}`)).body.items;
  const complete = (step: string, outcome: string, version = 1) =>
    service.ask('POST', `/tasks/${idAt(step)}/complete`, { json: { outcome }, headers: { 'if-match': `"${version}"` } });

  test('is on the worklist, with who asked and why the task is there; a discharge beside it is told apart', async () => {
    const second = dischargeId(idOf('encounter', 'second'), 1);
    await service.hear(discharged({ dischargeId: second }));
    const tasks = await listed('status=open&limit=200');
    expect(tasks.map(({ occasion }) => occasion['kind']).sort()).toEqual([...Array<string>(5).fill('discharge'), ...Array<string>(3).fill('referral')]);
    expect(tasks.find(({ id }) => id === idAt('contact'))).toMatchObject({
      referralId: REFERRAL, dischargeId: null,
      occasion: { kind: 'referral', at: '2026-03-06T17:30:00.000Z', referredBy: 'clinician', urgency: 'urgent' },
      patient: { id: PATIENT, name: 'Ada Muster', recordNumber: 'S-1' },
      why: { because: { eventId: referred({ urgency: 'urgent' }).id, eventType: 'care.patient.referred.v1' }, protocol: { id: 'community-referral', version: '1' } },
    });
    expect(tasks.find(({ occasion }) => occasion['kind'] === 'discharge')).toMatchObject({ dischargeId: second, referralId: null, occasion: { at: '2026-03-06T18:00:00.000Z', referredBy: null } });
    const kinds = async (query: string) => (await service.ask<Listed<{ kind: string }>>('GET', `/episodes?${query}`)).body.items.map(({ kind }) => kind).sort();
    expect([await kinds('kind=programme'), await kinds('kind=transition'), await kinds('')]).toEqual([['programme'], ['transition'], ['programme', 'transition']]);
    expect((await service.ask('GET', '/episodes?kind=other')).status).toBe(400);
  });

  test('from the referral to the last task: called, asked, enrolled, closed; one thread, and no word of it on the topic', async () => {
    const contact = { patientId: PATIENT, episodeId: EPISODE, at: '2026-03-06T18:00:08Z', mode: 'telephone', with: 'patient', outcome: 'reached' };
    expect((await service.ask('POST', '/contacts', { json: contact })).status).toBe(201);
    expect((await complete('needs', 'asked')).status).toBe(200);
    expect((await complete('enrol', 'danced')).status).toBe(422);
    expect((await complete('enrol', 'enrolled')).status).toBe(200);
    expect((await service.ask('GET', `/episodes/${EPISODE}`)).body).toMatchObject({ kind: 'programme', status: 'closed', reason: 'all-done', referralId: REFERRAL, dischargeId: null, dischargedAt: null, referredBy: 'clinician', urgency: 'urgent' });
    expect(await listed('status=open')).toEqual([]);
    const timeline = (await service.ask<Listed<{ kind: string; label: string; detail: string | null }>>('GET', `/patients/${PATIENT}/timeline?limit=200`)).body.items;
    expect(timeline).toContainEqual(expect.objectContaining({ kind: 'referral.recorded', label: 'Referred by a clinician', detail: 'urgent, new to insulin' }));
    expect(timeline).toContainEqual(expect.objectContaining({ kind: 'episode.opened', label: 'Follow-up of the referral began' }));
    const said = (await service.said()).filter(({ data }) => data['episodeId'] === EPISODE);
    expect(said.map(({ type }) => type)).toEqual(expect.arrayContaining(['care.episode.opened.v1', 'care.contact.recorded.v1', 'care.task.completed.v1', 'care.episode.ended.v1']));
    expect(JSON.stringify(said)).not.toContain('insulin');
    expect(new Set((await service.query<{ correlation_id: string }>('select correlation_id from task union all select correlation_id from episode')).map((row) => row.correlation_id)).size).toBe(1);
    const ledger = (await service.ask<Listed>('GET', '/ledger?limit=200', { role: 'operator' })).body.items;
    expect(ledger.filter(({ referralId }) => referralId === REFERRAL).map(({ kind, dischargeId: none }) => [kind, none])).toEqual([['episode', null], ...Array<unknown>(3).fill(['task', null])]);
  });

  test('taken back after work began, one person reviews it; the patient dead, nobody is called', async () => {
    await complete('needs', 'asked');
    await service.hear(unreferred());
    expect((await listed('status=open')).map(({ stepId }) => stepId)).toEqual(['review-withdrawn-referral']);
    const other = idOf('statement', 'other');
    await service.hear(referred({ referralId: other, by: 'patient' }), patient({ version: 2, deceased: true }));
    expect((await listed('status=open')).map(({ stepId }) => stepId)).toEqual(['review-withdrawn-referral']);
    expect((await service.ask('GET', `/episodes/${programmeEpisodeId(other)}`)).body).toMatchObject({ status: 'withdrawn', reason: 'deceased', referredBy: 'patient' });
  });
});

test('a referral that nobody answers is late at its time and climbs its ladder; taken back untouched, nothing rings any more', async () => {
  const service = await standing();
  try {
    await service.hear(patient(), referred());
    await service.advance('2026-03-12T04:00:00.000Z');
    expect(await service.tasks()).toEqual({ contact: 'overdue', needs: 'open', enrol: 'open' });
    expect(await service.said()).toEqual(['episode.opened', ...Array<string>(3).fill('task.opened'), 'task.overdue', 'task.escalated']);
    await service.hear(unreferred());
    expect(await service.tasks()).toEqual({ contact: 'withdrawn', needs: 'withdrawn', enrol: 'withdrawn' });
    const said = await service.said();
    await service.advance('2026-04-30T00:00:00.000Z');
    expect(await service.said()).toEqual(said);
  } finally {
    await service.stop();
  }
});
