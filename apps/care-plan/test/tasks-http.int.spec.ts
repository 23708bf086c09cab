import { dischargeId, idOf, taskId, transitionEpisodeId } from '@throughline/kernel/ids';
import { booted as boot, type Booted } from './booted.js';
import { discharged, DISCHARGE, event, PATIENT } from './world.js';

interface Item {
  id: string;
  version: number;
  status: string;
  stepId: string;
  assignee: string | null;
  snoozed: { until: string; reason: string; by: string; note?: string | null } | null;
  snoozeLimit: string | null;
}
interface Problem {
  type: string;
  title: string;
  detail: string;
  errors?: { field: string }[];
}
interface Result {
  id: string;
  result: string;
  version?: number;
  reason?: string;
}

const OTHER = idOf('patient', 'synthetic-2');
const SECOND = dischargeId(idOf('encounter', 'second'), 1);
const idAt = (step: string, discharge = DISCHARGE) => taskId(transitionEpisodeId(discharge), 'transitional-care', step, 1);
const patient = (patientId: string, family: string, record: string) =>
  event('care.patient.recorded.v1', { patientId, version: 1, name: { family, given: 'Ada' }, birthDate: '1941-02-03', deceased: false, recordNumber: { value: record, authority: 'SYN' } });
const TOMORROW = '2026-03-07T14:00:00.000Z';

describe('what people do with tasks, over HTTP', () => {
  let service: Booted;
  beforeEach(async () => {
    service = await boot();
    await service.hear(patient(PATIENT, 'Muster', 'S-1'), patient(OTHER, 'Probe', 'S-2'), discharged());
    await service.hear(discharged({ patientId: OTHER, dischargeId: SECOND, encounterId: idOf('encounter', 'second') }));
  });
  afterEach(async () => {
    await service?.stop();
  });

  const change = (step: string, verb: string, json: unknown, { version = 1, role = 'coordinator', key }: { version?: number; role?: string; key?: string } = {}) =>
    service.ask<Item & Problem>('POST', `/tasks/${idAt(step)}/${verb}`, { role, json, headers: { 'if-match': `"${version}"`, ...(key ? { 'idempotency-key': key } : {}) } });
  const listed = async (query: string) => (await service.ask<{ items: Item[] }>('GET', `/tasks?${query}`)).body.items;
  const opens = (role: string) => service.ask('GET', '/tasks', { role });
  const wrong = ({ status, body }: { status: number; body: Problem }) => [status, body.errors?.[0]?.field];

  test('a task is given to whoever has opened the worklist, and back to the team', async () => {
    await opens('coordinator');
    expect(wrong(await change('visit', 'assign', { assignee: 'nurse-1' }))).toEqual([422, 'assignee']);
    await opens('nurse');
    await opens('pharmacist');
    const colleagues = await service.ask<{ items: unknown[]; nextCursor: string }>('GET', '/colleagues?limit=2');
    expect(colleagues.body.items).toEqual([{ sub: 'coordinator-1', name: 'Test User', roles: ['coordinator'] }, { sub: 'nurse-1', name: 'Test User', roles: ['nurse'] }]);
    expect((await service.ask<{ items: unknown[] }>('GET', `/colleagues?cursor=${colleagues.body.nextCursor}`)).body.items).toMatchObject([{ sub: 'pharmacist-1' }]);
    expect((await service.ask('GET', '/colleagues', { role: 'subscriber' })).status).toBe(403);

    expect((await change('visit', 'assign', { assignee: 'nurse-1' }, { role: 'pharmacist' })).status).toBe(403);
    expect((await change('visit', 'assign', { assignee: 'nurse-1' }, { version: 9 })).status).toBe(412);
    for (const body of [{}, { assignee: '' }, { assignee: 7 }]) expect(wrong(await change('visit', 'assign', body))).toEqual([400, 'assignee']);
    const given = await change('visit', 'assign', { assignee: 'nurse-1' }, { key: 'a1' });
    expect(given).toMatchObject({ status: 200, etag: '"2"', body: { assignee: 'nurse-1', version: 2 } });
    expect(await change('visit', 'assign', { assignee: 'nurse-1' }, { key: 'a1' })).toMatchObject({ replayed: 'true', body: { version: 2 } });
    expect((await listed('assignee=nurse-1')).map(({ stepId }) => stepId)).toEqual(['visit']);
    expect(await change('visit', 'assign', { assignee: null }, { version: 2, role: 'nurse' })).toMatchObject({ status: 200, body: { assignee: null, version: 3 } });
    expect(await service.query(`select actor, outcome from audit where action = 'change' and subject = $1 order by at, outcome`, [idAt('visit')])).toEqual(
      expect.arrayContaining([{ actor: 'pharmacist-1', outcome: 'denied' }, { actor: 'coordinator-1', outcome: 'allowed' }, { actor: 'nurse-1', outcome: 'allowed' }]),
    );
    // Whoever has not been here for a quarter of a year has left, as far as anybody can tell.
    service.sleep('2026-07-01T00:00:00.000Z');
    expect((await service.ask<{ items: unknown[] }>('GET', '/colleagues')).body.items).toEqual([]);
  });

  test('a task put aside leaves the list of what is to do, and is on it again by the clock alone', async () => {
    const { snoozeLimit } = (await service.ask<Item>('GET', `/tasks/${idAt('obtain-summary')}`)).body;
    expect(snoozeLimit).toBe('2026-03-09T03:59:59.999Z');
    const reason = 'waiting-for-documents';
    for (const [body, status, field] of [
      [{ until: TOMORROW }, 400, 'reason'], [{ until: TOMORROW, reason: 'tired' }, 400, 'reason'], [{ until: '2026-03-07', reason }, 400, 'until'], [{ until: TOMORROW, reason: 'other' }, 422, 'note'],
      [{ until: '2026-03-06T18:00:00Z', reason }, 422, 'until'], [{ until: '2026-03-09T05:00:00Z', reason }, 422, 'until'], [{ until: TOMORROW, reason, note: '' }, 400, 'note'],
    ] as const) expect([body, ...wrong(await change('obtain-summary', 'snooze', body))]).toEqual([body, status, field]);
    expect((await change('obtain-summary', 'snooze', { until: TOMORROW, reason }, { version: 2 })).status).toBe(412);

    const aside = await change('obtain-summary', 'snooze', { until: '2026-03-07T09:00:00-05:00', reason, note: 'the ward faxes it' });
    expect(aside).toMatchObject({ status: 200, etag: '"2"', body: { status: 'open', dueAt: snoozeLimit, snoozed: { until: TOMORROW, reason, by: 'coordinator-1' } } });
    expect((await listed('status=open&snoozed=yes')).map(({ snoozed }) => snoozed)).toEqual([{ until: TOMORROW, reason, by: 'coordinator-1', note: 'the ward faxes it' }]);
    expect(await listed('status=open&snoozed=no')).toHaveLength(9);
    expect(await listed('status=open')).toHaveLength(10);
    expect(wrong(await service.ask<Problem>('GET', '/tasks?snoozed=maybe'))).toEqual([400, 'snoozed']);

    service.sleep(TOMORROW);
    expect(await listed('status=open&snoozed=yes')).toEqual([]);
    expect(await listed('status=open&snoozed=no')).toHaveLength(10);
    const changed = (await service.said()).filter(({ type }) => type === 'care.task.changed.v1').map(({ data }) => data['snoozed']);
    expect(changed).toEqual([{ until: TOMORROW, reason, by: 'coordinator-1' }]);
    expect(JSON.stringify([await service.said(), await service.query('select answer from command')])).not.toContain('faxes');
  });

  test('one that is aside is taken up again, or done', async () => {
    const aside = { until: TOMORROW, reason: 'patient-asked' };
    await change('visit', 'snooze', aside);
    expect(await change('visit', 'unsnooze', {}, { version: 2 })).toMatchObject({ status: 200, etag: '"3"', body: { snoozed: null } });
    await change('obtain-summary', 'snooze', aside);
    expect(await change('obtain-summary', 'complete', { outcome: 'received' }, { version: 2 })).toMatchObject({ status: 200, body: { status: 'completed', snoozed: null } });
    expect((await change('obtain-summary', 'snooze', aside, { version: 3 })).status).toBe(409);
    expect((await service.ask<Item>('GET', `/tasks/${idAt('obtain-summary')}`)).body.snoozeLimit).toBeNull();
  });

  test('several are completed at once: each answered for itself, all of them once per key', async () => {
    const complete = (json: unknown, { key = '', role = 'coordinator' } = {}) => service.ask<{ results: Result[] } & Problem>('POST', '/tasks/complete', { role, json, headers: key ? { 'idempotency-key': key } : {} });
    const unknown = idOf('task', 'none');
    await change('book-visit', 'claim', {});
    const tasks = [
      { id: idAt('obtain-summary'), version: 1 }, { id: idAt('obtain-summary', SECOND), version: 1 }, { id: idAt('book-visit'), version: 1 },
      { id: idAt('visit', SECOND), version: 1 }, { id: unknown, version: 1 }, { id: idAt('book-visit', SECOND), version: 1 },
    ];
    const first = await complete({ tasks, outcome: 'not-needed', note: 'asked not to' }, { key: 'b1' });
    expect(first.status).toBe(200);
    expect(first.body.results).toEqual([
      { id: tasks[0]!.id, result: 'completed', version: 2 }, { id: tasks[1]!.id, result: 'completed', version: 2 }, { id: tasks[2]!.id, result: 'stale-version', version: 2 },
      { id: tasks[3]!.id, result: 'not-allowed', version: 1, reason: 'unknown-outcome', detail: expect.any(String) as string }, { id: unknown, result: 'not-found' }, { id: tasks[5]!.id, result: 'completed', version: 2 },
    ]);
    const said = await service.said();
    expect(said.filter(({ type }) => type === 'care.task.completed.v1')).toHaveLength(3);
    expect(await complete({ tasks, outcome: 'not-needed', note: 'asked not to' }, { key: 'b1' })).toMatchObject({ replayed: 'true', body: first.body });
    expect((await complete({ tasks, outcome: 'declined' }, { key: 'b1' })).status).toBe(422);
    expect(await service.said()).toEqual(said);
    expect((await service.query<{ patient_id: string }>(`select patient_id from audit where action = 'change' and resource = 'task' and subject is not null and subject not in (select id::text from task) order by patient_id`)).map((row) => row.patient_id)).toEqual([PATIENT, OTHER].sort());
    expect(JSON.stringify([said, await service.query('select answer from command')])).not.toContain('asked not to');

    expect((await complete({ tasks: [{ id: unknown, version: 1 }], outcome: 'not-needed' })).body.results).toEqual([{ id: unknown, result: 'not-found' }]);
    expect((await complete({ tasks, outcome: 'not-needed' }, { role: 'subscriber' })).status).toBe(403);
    const many = Array.from({ length: 101 }, (_, i) => ({ id: idOf('task', i), version: 1 }));
    for (const [body, field] of [
      [{ tasks: [], outcome: 'x' }, 'tasks'], [{ tasks: many, outcome: 'x' }, 'tasks'], [{ tasks: [tasks[0], tasks[0]], outcome: 'x' }, 'tasks'], [{ tasks: [{ id: unknown }], outcome: 'x' }, 'tasks[0].version'],
      [{ tasks: [null], outcome: 'x' }, 'tasks[0]'], [{ tasks: 'all', outcome: 'x' }, 'tasks'], [{ tasks }, 'outcome'],
    ] as const) expect([field, ...wrong(await complete(body))]).toEqual([field, 400, field]);
  });

  test('OpenAPI shows the routes and what they answer', async () => {
    const openapi = (await service.ask<{ paths: Record<string, Record<string, { 'x-command'?: boolean }>>; components: { schemas: Record<string, { properties: Record<string, object> }> } }>('GET', '/openapi.json', { role: null })).body;
    for (const route of ['{id}/assign', '{id}/snooze', '{id}/unsnooze', 'complete']) expect(openapi.paths[`/api/care-plan/tasks/${route}`]?.['post']?.['x-command']).toBe(true);
    expect(openapi.components.schemas['TaskShape']!.properties['snoozed']).toMatchObject({ nullable: true, allOf: [{ $ref: '#/components/schemas/SnoozedWithNoteShape' }] });
    expect(openapi.components.schemas['CompleteTasksBody']!.properties['tasks']).toMatchObject({ type: 'array', maxItems: 100 });
  });
});
