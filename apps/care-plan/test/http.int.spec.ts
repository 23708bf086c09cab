import { dischargeId, idOf, taskId, transitionEpisodeId } from '@throughline/kernel/ids';
import { booked, cancelled, discharged, DISCHARGE, event, PATIENT, reconciled } from './world.js';
import { booted as boot, type Booted } from './booted.js';

interface Item {
  id: string;
  version: number;
  status: string;
  stepId: string;
  dueAt: string;
  patient: { id: string; name: string | null; recordNumber: string | null };
  why: Record<string, unknown>;
  outcomes: { code: string }[];
}
interface Listed<T = Item> {
  items: T[];
  nextCursor: string | null;
}
interface Problem {
  title: string;
  detail: string;
  errors?: { field: string }[];
}

const OTHER = idOf('patient', 'synthetic-2');
const patient = (patientId: string, family: string, given: string, record: string) =>
  event('care.patient.recorded.v1', { patientId, version: 1, name: { family, given }, birthDate: '1941-02-03', deceased: false, recordNumber: { value: record, authority: 'SYN' } });
const EPISODE = transitionEpisodeId(DISCHARGE);
const path = (step: string) => `/tasks/${taskId(EPISODE, 'transitional-care', step, 1)}`;

describe('care-plan over HTTP', () => {
  let service: Booted;
  let http: Booted;
  beforeEach(async () => {
    http = service = await boot();
    const second = dischargeId(idOf('encounter', 'second'), 1);
    await service.hear(patient(PATIENT, 'Müster', 'Ada', 'S-1'), patient(OTHER, 'Probe_', 'Berta', 'S-20'), discharged());
    await service.hear(discharged({ patientId: OTHER, dischargeId: second, encounterId: idOf('encounter', 'second'), dischargedAt: '2026-03-05T18:00:00.000Z', dischargeDate: '2026-03-05' }));
  });
  afterEach(async () => {
    await service?.stop();
  });

  test('the worklist: by due time, paged, filtered, each row with patient, reason and outcomes', async () => {
    const whole = (await http.ask<Listed>('GET', '/tasks?status=open&limit=200')).body;
    expect(whole.items).toHaveLength(10);
    expect(whole.nextCursor).toBeNull();
    expect(whole.items.map(({ dueAt }) => dueAt)).toEqual(whole.items.map(({ dueAt }) => dueAt).sort());
    const paged: Item[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Listed = (await http.ask<Listed>('GET', `/tasks?status=open&limit=3&cursor=${cursor}`)).body;
      paged.push(...page.items);
      cursor = page.nextCursor;
    }
    expect(paged.map(({ id }) => id)).toEqual(whole.items.map(({ id }) => id));
    const contact = (await http.ask<Listed>('GET', `/tasks?patient=${PATIENT}&status=open&due-before=2026-03-11T04:00:00Z`)).body.items.find(({ stepId }) => stepId === 'contact')!;
    expect(contact).toMatchObject({
      patient: { id: PATIENT, name: 'Ada Müster', birthDate: '1941-02-03', recordNumber: 'S-1' },
      why: {
        label: 'Contact the patient or a caregiver', step: 'contact', protocol: { id: 'transitional-care', version: '1' }, clearedBy: ['contact-reached'],
        because: { eventId: discharged().id, eventType: 'care.discharge.recorded.v1' },
        deadline: { rule: 'End of business day 2 after the discharge on 2026-03-06', zone: 'America/New_York', calendar: 'us-federal@2024.1' },
      },
    });
    expect(contact.outcomes.map(({ code }) => code)).toContain('reached');
    expect((await http.ask<Listed>('GET', '/tasks?team=pharmacy')).body.items.map(({ stepId }) => stepId)).toEqual(['reconcile', 'reconcile']);
    expect((await http.ask<Listed>('GET', '/tasks?assignee=nobody')).body.items).toEqual([]);
    const old = { patientId: idOf('patient', 'synthetic-3'), dischargeId: idOf('discharge', 'old'), encounterId: idOf('encounter', 'old'), backdated: true };
    await service.hear(discharged({ ...old, dischargedAt: '2025-11-05T18:00:00.000Z', dischargeDate: '2025-11-05' }));
    expect((await http.ask<Listed>('GET', '/tasks?status=open')).body.items).toHaveLength(15);
    const overdue = (await http.ask<Listed>('GET', '/tasks?status=overdue')).body.items;
    expect(overdue).toHaveLength(5);
    // Nobody has said yet who this is: what is due is shown all the same.
    expect(overdue[0]!.patient).toEqual({ id: old.patientId, name: null, birthDate: null, recordNumber: null });
  });

  test('who may not, and what is not right, is told so', async () => {
    expect((await http.ask('GET', '/tasks', { role: null })).status).toBe(401);
    expect((await http.ask('GET', '/tasks', { role: 'operator' })).status).toBe(403);
    expect((await http.ask('POST', `${path('visit')}/claim`, { role: 'pharmacist', json: {}, headers: { 'if-match': '"1"' } })).status).toBe(403);
    for (const [query, field] of [['status=done', 'status'], ['patient=1', 'patient'], ['due-before=soon', 'due-before'], ['limit=0', 'limit'], ['cursor=x', 'cursor'], ['colour=red', 'colour']]) {
      const { status, body } = await http.ask<Problem>('GET', `/tasks?${query}`);
      expect([query, status, body.errors?.[0]?.field]).toEqual([query, 400, field]);
    }
    expect((await http.ask('GET', `/tasks/${idOf('task', 'none')}`)).status).toBe(404);
  });

  test('claim and complete need the version that was read, and are done once per key', async () => {
    const claim = (headers: Record<string, string>) => http.ask('POST', `${path('visit')}/claim`, { json: {}, headers });
    expect((await claim({})).status).toBe(428);
    expect((await claim({ 'if-match': '"7"' })).status).toBe(412);
    const first = await claim({ 'if-match': '"1"', 'idempotency-key': 'k1' });
    expect(first).toMatchObject({ status: 200, etag: '"2"', body: { assignee: 'coordinator-1', version: 2 } });
    expect(await claim({ 'if-match': '"1"', 'idempotency-key': 'k1' })).toMatchObject({ status: 200, replayed: 'true', body: { version: 2 } });
    expect((await http.ask<Listed>('GET', '/tasks?assignee=coordinator-1')).body.items).toHaveLength(1);

    const complete = (json: unknown, version = 2) => http.ask<Problem & { status: string }>('POST', `${path('visit')}/complete`, { json, headers: { 'if-match': `"${version}"` } });
    expect(await complete({ outcome: 'danced' })).toMatchObject({ status: 422, body: { errors: [{ field: 'outcome' }] } });
    expect(await complete({})).toMatchObject({ status: 400, body: { errors: [{ field: 'outcome' }] } });
    expect(await complete({ outcome: 'seen', note: 'walks with a stick' })).toMatchObject({ status: 200, body: { status: 'completed', outcome: { code: 'seen', by: 'coordinator-1' } } });
    expect((await complete({ outcome: 'seen' }, 3)).status).toBe(409);
    const { body, etag } = await http.ask('GET', path('visit'));
    expect([body['note'], etag]).toEqual(['walks with a stick', '"3"']);
    expect(JSON.stringify(await service.query('select value from outbox'))).not.toContain('stick');
    expect(JSON.stringify(await service.query('select answer from command'))).not.toContain('stick');
  });

  test('a contact is recorded, clears the task, and stands in the timeline with who did what', async () => {
    const contact = { patientId: PATIENT, episodeId: EPISODE, at: '2026-03-06T18:00:08Z', mode: 'telephone', with: 'caregiver', outcome: 'reached', note: 'her son answers' };
    const send = (json: unknown, role = 'nurse') => http.ask<Problem>('POST', '/contacts', { role, json });
    expect((await send({ ...contact, at: '2026-03-07T18:00:00Z' })).body.errors?.[0]?.field).toBe('at');
    expect((await send({ ...contact, episodeId: idOf('episode', 'x') })).status).toBe(422);
    expect((await send({ ...contact, patientId: idOf('patient', 'nobody'), episodeId: undefined })).status).toBe(404);
    expect((await send({ ...contact, at: '2026-03-06' })).body.errors?.[0]?.field).toBe('at');
    expect((await send(contact, 'sender')).status).toBe(403);
    expect((await send(contact)).status).toBe(201);
    await service.hear(reconciled(), booked(), cancelled());
    const timeline = (await http.ask<Listed<{ kind: string; label: string; by: string | null; detail: string | null; at: string }>>('GET', `/patients/${PATIENT}/timeline?limit=200`)).body.items;
    const kinds = timeline.map(({ kind }) => kind);
    for (const kind of ['discharge.recorded', 'episode.opened', 'task.opened', 'contact.recorded', 'task.completed', 'reconciliation.completed', 'follow-up.booked', 'discharge.withdrawn', 'task.withdrawn', 'episode.ended']) expect(kinds).toContain(kind);
    expect(timeline.find(({ kind }) => kind === 'contact.recorded')).toMatchObject({ by: 'nurse-1', detail: 'telephone: her son answers' });
    expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).sort().reverse());
    const paged = (await http.ask<Listed>('GET', `/patients/${PATIENT}/timeline?limit=4`)).body;
    const rest = (await http.ask<Listed>('GET', `/patients/${PATIENT}/timeline?limit=200&cursor=${paged.nextCursor}`)).body;
    expect([...paged.items, ...rest.items]).toEqual(timeline);
  });

  test('patients are found by the beginning of a name or record number, as written or without accents', async () => {
    const found = async (query: string) => (await http.ask<Listed<{ name: string }>>('GET', `/patients?query=${encodeURIComponent(query)}`)).body.items.map(({ name }) => name);
    expect(await found('mus')).toEqual(['Ada Müster']);
    expect(await found('ada MÜS')).toEqual(['Ada Müster']);
    expect(await found('Probe_, Be')).toEqual(['Berta Probe_']);
    expect(await found('s-2')).toEqual(['Berta Probe_']);
    expect(await found('%')).toEqual([]);
    expect((await http.ask('GET', '/patients')).status).toBe(400);
    expect((await http.ask('GET', `/patients/${PATIENT}`)).body).toMatchObject({ id: PATIENT, family: 'Müster', recordNumber: 'S-1', deceased: false });
    expect((await http.ask('GET', `/patients/${idOf('patient', 'nobody')}`)).status).toBe(404);
  });

  test('episodes are listed and read; a risk stated high brings the visit forward', async () => {
    const open = (await http.ask<Listed>('GET', `/episodes?status=open&kind=transition`)).body.items;
    expect(open).toHaveLength(2);
    const { body, etag } = await http.ask('GET', `/episodes/${EPISODE}`);
    expect([body['status'], etag]).toEqual(['open', '"1"']);
    const stated = await http.ask('POST', `/episodes/${EPISODE}/risk`, { json: { risk: 'high' }, headers: { 'if-match': '"1"' } });
    expect(stated).toMatchObject({ status: 200, etag: '"2"', body: { visitWindow: { to: '2026-03-13' } } });
    await service.hear(cancelled());
    expect((await http.ask<Listed>('GET', `/episodes?status=open`)).body.items).toHaveLength(1);
  });

  test('ledger, audit and OpenAPI: ids and codes, a row per patient shown, and the routes', async () => {
    const ledger = (await http.ask<Listed<Record<string, unknown>>>('GET', '/ledger?limit=200', { role: 'operator' })).body.items;
    expect(ledger.filter(({ kind }) => kind === 'episode').map(({ dischargeId: id }) => id)).toContain(DISCHARGE);
    expect(ledger.filter(({ kind }) => kind === 'task')).toHaveLength(10);
    expect(JSON.stringify(ledger)).not.toContain('Müster');
    await http.ask('GET', `/tasks?patient=${PATIENT}`);
    expect(await service.query('select distinct patient_id from audit where action = $1', ['read'])).toEqual([{ patient_id: PATIENT }]);
    const openapi = (await http.ask<{ paths: object; components: { schemas: Record<string, { required: string[]; properties: Record<string, object> }> } }>('GET', '/openapi.json', { role: null })).body;
    for (const route of ['/tasks', '/tasks/{id}/complete', '/contacts', '/episodes/{id}/risk', '/patients/{id}/timeline']) expect(Object.keys(openapi.paths)).toContain(`/api/care-plan${route}`);
    const { PatientView, TaskShape, TaskPageShape } = openapi.components.schemas;
    expect(PatientView!.required.sort()).toEqual(['birthDate', 'id', 'name', 'recordNumber']);
    expect(TaskShape!.properties['patient']).toEqual({ $ref: '#/components/schemas/PatientView' });
    expect(TaskPageShape!.properties).toMatchObject({ items: { type: 'array', items: { $ref: '#/components/schemas/TaskShape' } }, nextCursor: { type: 'string', nullable: true } });
  });
});
