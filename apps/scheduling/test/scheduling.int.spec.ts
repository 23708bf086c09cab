import type { DataOf } from '@throughline/contracts/flow';
import { followUpId, idOf } from '@throughline/kernel/ids';
import { FixedClock } from '@throughline/testing/fixed-clock';
import { standingGround, type Ground, type StandingService } from '@throughline/testing/standing-service';
import { scheduling } from '../src/scheduling.module.js';

const NOW = '2026-03-02T15:00:00.000Z';
const WINDOW = { from: '2026-03-03', to: '2026-03-16', dueAt: '2026-03-17T03:59:59.999Z' };
const patientId = (n: number): string => idOf('test', 'patient', n);
const episode = (n: number, version = 1, more: Partial<DataOf<'care.episode.opened.v1'>> = {}): DataOf<'care.episode.opened.v1'> => ({
  patientId: patientId(n),
  version,
  episodeId: idOf('test', 'episode', n),
  dischargeId: idOf('test', 'discharge', n),
  kind: 'transition',
  status: 'open',
  protocol: { id: 'transitional-care', version: '1' },
  dischargedAt: NOW,
  facilityZone: 'America/New_York',
  visitWindow: WINDOW,
  backdated: false,
  ...more,
});
const id = (n: number): string => followUpId(idOf('test', 'discharge', n));
const base = '/api/scheduling/follow-ups';
const nurse = { as: { sub: 'nurse-1', roles: ['nurse'] } };

describe('scheduling on PostgreSQL', () => {
  let ground: Ground;
  let service: StandingService;
  const book = (n: number, json: unknown, version: number, headers: Record<string, string> = {}) =>
    service.ask(`${base}/${id(n)}/book`, { ...nurse, json, headers: { 'if-match': `"${version}"`, ...headers } });
  const list = async (query: string) => (await (await service.ask(`${base}?${query}`, nurse)).json()) as { items: Record<string, unknown>[]; nextCursor: string | null };
  const events = async (n: number) => (await service.published()).filter((event) => event.data['followUpId'] === id(n)).map((event) => [event.type, event.data['version'], event.data['status']]);

  beforeAll(async () => {
    ground = await standingGround(new FixedClock(NOW));
    service = await ground.start(scheduling);
  });
  afterAll(() => ground.stop());

  it('asks for one visit per discharge, again when the window moves, and keeps it while the episode is paused', async () => {
    await service.hear('care.patient.recorded.v1', { patientId: patientId(1), version: 1, name: { family: 'Sample', given: 'Ada' }, deceased: false });
    await service.hear('care.episode.opened.v1', episode(1));
    await service.hear('care.episode.changed.v1', episode(1, 2, { status: 'paused' }));
    await service.hear('care.episode.changed.v1', episode(1, 3, { visitWindow: { ...WINDOW, to: '2026-03-09' } }));
    expect(await events(1)).toEqual([
      ['care.follow-up.requested.v1', 1, 'requested'],
      ['care.follow-up.requested.v1', 2, 'requested'],
    ]);
    expect((await list(`patient=${patientId(1)}`)).items).toEqual([
      expect.objectContaining({ id: id(1), version: 2, status: 'requested', window: { ...WINDOW, to: '2026-03-09' }, appointment: null, patient: { id: patientId(1), name: 'Ada Sample', birthDate: null, recordNumber: null } }),
    ]);
  });

  it('books inside the window, and outside only knowingly', async () => {
    await service.hear('care.episode.opened.v1', episode(2));
    expect((await book(2, { at: '2026-03-20T14:00:00Z', mode: 'in-person' }, 1)).status).toBe(422);
    expect((await book(2, { at: '2026-02-20T14:00:00Z', mode: 'in-person', outsideWindow: true }, 1)).status).toBe(422);
    const booked = await book(2, { at: '2026-03-10T10:00:00-04:00', mode: 'in-person' }, 1, { 'idempotency-key': 'once' });
    expect([booked.status, booked.headers.get('etag'), await booked.json()]).toEqual([200, '"2"', { id: id(2), version: 2, status: 'booked' }]);
    expect((await book(2, { at: '2026-03-10T10:00:00-04:00', mode: 'in-person' }, 1, { 'idempotency-key': 'once' })).status).toBe(200);
    expect((await book(2, { at: '2026-03-11T14:00:00Z', mode: 'video' }, 1)).status).toBe(412);
    expect((await book(2, { at: '2026-03-20T14:00:00Z', mode: 'video', outsideWindow: true }, 2)).status).toBe(200);
    expect(await events(2)).toEqual([
      ['care.follow-up.requested.v1', 1, 'requested'],
      ['care.follow-up.booked.v1', 2, 'booked'],
      ['care.follow-up.booked.v1', 3, 'booked'],
    ]);
    expect((await list('status=booked')).items).toEqual([expect.objectContaining({ appointment: { at: '2026-03-20T14:00:00.000Z', mode: 'video', by: 'nurse-1', outsideWindow: true } })]);
  });

  it('says what is wrong with a booking', async () => {
    await service.hear('care.episode.opened.v1', episode(3));
    for (const [json, field] of [[{ at: 'tomorrow', mode: 'video' }, 'at'], [{ at: '2026-02-30T10:00:00Z', mode: 'video' }, 'at'], [{ at: '2026-03-10T10:00:00Z', mode: 'pigeon' }, 'mode']] as const) {
      const answer = await book(3, json, 1);
      expect([answer.status, ((await answer.json()) as { errors: { field: string }[] }).errors.map((it) => it.field)]).toEqual([400, [field]]);
    }
    expect((await service.ask(`${base}/${id(3)}/book`, { as: { roles: ['pharmacist'] }, json: { at: '2026-03-10T10:00:00Z', mode: 'video' }, headers: { 'if-match': '"1"' } })).status).toBe(403);
    expect((await service.ask(base)).status).toBe(401);
  });

  it('shows what a hospital says of its own calendar, the soonest first, as its last word has it', async () => {
    const stated = (n: number, version: number, more: Partial<DataOf<'care.appointment.stated.v1'>> = {}): DataOf<'care.appointment.stated.v1'> => ({
      patientId: patientId(1), version, appointmentId: idOf('test', 'appointment', n), source: 'EHR|NORTH', status: 'booked', withdrawn: false, ...more,
    });
    await service.hear('care.appointment.stated.v1', stated(1, 1, { startsAt: '2026-03-12T14:00:00.000Z', kind: { text: 'Cardiology' }, place: 'Clinic 2' }));
    await service.hear('care.appointment.stated.v1', stated(2, 1));
    await service.hear('care.appointment.stated.v1', stated(3, 1, { startsAt: '2026-03-09T14:00:00.000Z' }));
    await service.hear('care.appointment.stated.v1', stated(1, 2, { startsAt: '2026-03-13T14:00:00.000Z', status: 'cancelled', kind: { text: 'Cardiology' } }));
    const page = async (query: string) => (await (await service.ask(`/api/scheduling/stated-appointments?patient=${patientId(1)}${query}`, nurse)).json()) as { items: Record<string, unknown>[]; nextCursor: string | null };
    const all = await page('');
    expect(all.items.map((one) => [one['startsAt'], one['status'], one['kind'], one['place']])).toEqual([
      ['2026-03-09T14:00:00.000Z', 'booked', null, null], ['2026-03-13T14:00:00.000Z', 'cancelled', 'Cardiology', null], [null, 'booked', null, null],
    ]);
    const first = await page('&limit=2');
    expect((await page(`&limit=2&cursor=${first.nextCursor}`)).items.map((one) => one['startsAt'])).toEqual([null]);
    expect((await list(`patient=${patientId(1)}`)).items).toEqual([expect.objectContaining({ status: 'requested', appointment: null })]);
    expect((await service.ask(`/api/scheduling/stated-appointments?patient=${patientId(1)}`, { as: { roles: ['subscriber'] } })).status).toBe(403);
  });

  it('is withdrawn with its episode; a booked visit stays on the record', async () => {
    await service.hear('care.episode.ended.v1', episode(3, 2, { status: 'withdrawn' }));
    await service.hear('care.episode.ended.v1', episode(2, 2, { status: 'closed' }));
    expect((await events(3)).at(-1)).toEqual(['care.follow-up.withdrawn.v1', 2, 'withdrawn']);
    const withdrawn = await list('status=withdrawn&limit=1');
    expect(withdrawn.items).toHaveLength(1);
    const rest = await list(`status=withdrawn&cursor=${withdrawn.nextCursor}`);
    expect([...withdrawn.items, ...rest.items].find((it) => it['id'] === id(2))).toMatchObject({ appointment: { mode: 'video' } });
    expect((await book(3, { at: '2026-03-10T10:00:00Z', mode: 'video' }, 2)).status).toBe(409);
  });

  it('keeps a ledger, one follow-up per discharge', async () => {
    const ledger = (await (await service.ask('/api/scheduling/ledger?limit=100', { as: { roles: ['operator'] } })).json()) as { items: { kind: string; dischargeId: string; outcome: string }[] };
    expect(ledger.items.map((it) => [it.kind, it.dischargeId]).sort()).toEqual([1, 2, 3].map((n) => ['follow-up', episode(n).dischargeId]).sort());
    const audit = await service.rows(`select distinct patient_id from audit where resource = 'follow-up' and patient_id is not null`);
    expect(audit).toHaveLength(3);
  });
});
