import type { DataOf } from '@throughline/contracts/flow';
import { dischargeId, idOf, reconciliationId } from '@throughline/kernel/ids';
import { FixedClock } from '@throughline/testing/fixed-clock';
import { standingGround, type Ground, type StandingService } from '@throughline/testing/standing-service';
import { medicationReconciliation } from '../src/medication-reconciliation.module.js';

const NOW = '2026-03-02T15:00:00.000Z';
const patientId = (n: number): string => idOf('test', 'patient', n);
const stay = (n: number): string => idOf('test', 'stay', n);
const discharge = (n: number, version = 1, more: Partial<DataOf<'care.discharge.recorded.v1'>> = {}): DataOf<'care.discharge.recorded.v1'> => ({
  patientId: patientId(n),
  version,
  dischargeId: dischargeId(stay(n), 1),
  encounterId: stay(n),
  n: 1,
  facility: { code: 'GH' },
  facilityZone: 'America/New_York',
  dischargedAt: NOW,
  dischargedAtSource: 'PV1-45',
  dischargeDate: '2026-03-02',
  diagnoses: [],
  followUp: { wanted: true },
  backdated: false,
  withdrawn: false,
  ...more,
});
const line = (n: number, of: number, more: Partial<DataOf<'care.prescription.added.v1'>> = {}): DataOf<'care.prescription.added.v1'> => ({
  patientId: patientId(of),
  version: 1,
  lineId: idOf('test', 'line', of, n),
  encounterId: stay(of),
  source: 'ward',
  medicine: { text: `Synthetic medicine ${n}` },
  ...more,
});
const pharmacist = { as: { sub: 'pharmacist-1', roles: ['pharmacist'] } };
const base = '/api/medication-reconciliation';

describe('medication-reconciliation on PostgreSQL', () => {
  let ground: Ground;
  let service: StandingService;
  const clock = new FixedClock(NOW);
  const show = async (id: string) => (await (await service.ask(`${base}/reconciliations/${id}`, pharmacist)).json()) as Record<string, unknown> & { version: number; lines: unknown[] };

  beforeAll(async () => {
    ground = await standingGround(clock);
    service = await ground.start(medicationReconciliation);
  });
  afterAll(() => ground.stop());

  it('opens one reconciliation with the lines that waited, and joins the later ones', async () => {
    await service.hear('care.patient.recorded.v1', { patientId: patientId(1), version: 1, name: { family: 'Sample', given: 'Ada' }, birthDate: '1950-01-02', deceased: false, recordNumber: { value: 'MR1', authority: 'GH' } });
    await service.hear('care.prescription.added.v1', line(1, 1));
    await service.hear('care.discharge.recorded.v1', discharge(1));
    clock.advance(60_000);
    await service.hear('care.prescription.added.v1', line(2, 1, { encounterId: undefined }));
    const id = reconciliationId(discharge(1).dischargeId);
    expect(await show(id)).toMatchObject({
      id,
      version: 2,
      status: 'open',
      openedAt: NOW,
      patient: { id: patientId(1), name: 'Ada Sample', birthDate: '1950-01-02', recordNumber: 'MR1' },
      lines: [{ source: 'ward', medicine: { text: 'Synthetic medicine 1' } }, { medicine: { text: 'Synthetic medicine 2' } }].map((it) => expect.objectContaining(it) as unknown),
    });
    const events = (await service.published()).filter((event) => event.data['reconciliationId'] === id);
    expect(events.map((event) => [event.type, event.data['version'], (event.data['lineIds'] as string[]).length])).toEqual([
      ['care.reconciliation.opened.v1', 1, 1],
      ['care.reconciliation.changed.v1', 2, 2],
    ]);
  });

  it('is completed once, by somebody who may, on the version they read', async () => {
    await service.hear('care.discharge.recorded.v1', discharge(2));
    const id = reconciliationId(discharge(2).dischargeId);
    const complete = (headers: Record<string, string>, roles = ['pharmacist']) =>
      service.ask(`${base}/reconciliations/${id}/complete`, { as: { sub: 'pharmacist-1', roles }, json: { note: 'compared with the home list' }, headers });
    expect((await complete({ 'if-match': '"1"' }, ['operator'])).status).toBe(403);
    expect((await complete({})).status).toBe(428);
    expect((await complete({ 'if-match': '"7"' })).status).toBe(412);
    const done = await complete({ 'if-match': '"1"', 'idempotency-key': 'k1' });
    expect([done.status, done.headers.get('etag'), await done.json()]).toEqual([200, '"2"', { id, version: 2, status: 'completed' }]);
    const again = await complete({ 'if-match': '"1"', 'idempotency-key': 'k1' });
    expect([again.status, await again.json()]).toEqual([200, { id, version: 2, status: 'completed' }]);
    expect((await complete({ 'if-match': '"2"' })).status).toBe(409);
    // Nothing recorded later undoes what a person attested.
    await service.hear('care.discharge.withdrawn.v1', discharge(2, 2, { withdrawn: true }));
    await service.hear('care.discharge.recorded.v1', discharge(2, 3));
    expect(await show(id)).toMatchObject({ status: 'completed', version: 2, completed: { by: 'pharmacist-1', at: clock.now().toISOString(), note: 'compared with the home list' } });
    const events = (await service.published()).filter((event) => event.data['reconciliationId'] === id);
    expect(events.map((event) => event.type)).toEqual(['care.reconciliation.opened.v1', 'care.reconciliation.completed.v1']);
    expect(JSON.stringify(events)).not.toContain('home list');
    expect(await service.rows(`select action, actor, patient_id from audit where subject = $1 and action = 'change'`, [id])).toContainEqual({ action: 'change', actor: 'pharmacist-1', patient_id: patientId(2) });
  });

  it('is withdrawn with its discharge', async () => {
    await service.hear('care.prescription.added.v1', line(1, 3));
    await service.hear('care.discharge.recorded.v1', discharge(3));
    await service.hear('care.discharge.withdrawn.v1', discharge(3, 2, { withdrawn: true }));
    const id = reconciliationId(discharge(3).dischargeId);
    expect(await show(id)).toMatchObject({ status: 'withdrawn', lineIds: [], version: 2 });
    const refused = await service.ask(`${base}/reconciliations/${id}/complete`, { ...pharmacist, json: {}, headers: { 'if-match': '"2"' } });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([409, expect.stringContaining('application/problem+json')]);
  });

  it('resolves a person who is known under two ids', async () => {
    await service.rows('insert into patient_alias (patient_id, survivor_id) values ($1, $2)', [patientId(4), patientId(5)]);
    await service.hear('care.patient.recorded.v1', { patientId: patientId(5), version: 1, name: { family: 'Survivor', given: 'Sam' }, deceased: false });
    await service.hear('care.prescription.added.v1', line(1, 4, { encounterId: undefined }));
    await service.hear('care.discharge.recorded.v1', discharge(5));
    expect(await show(reconciliationId(discharge(5).dischargeId))).toMatchObject({ lineIds: [line(1, 4).lineId], patient: { name: 'Sam Survivor' } });
    const lines = (await (await service.ask(`${base}/patients/${patientId(5)}/lines`, pharmacist)).json()) as { items: { id: string }[] };
    expect(lines.items.map((it) => it.id)).toEqual([line(1, 4).lineId]);
  });

  it('lists by status and patient, page by page, and shows nothing to strangers', async () => {
    expect((await service.ask(`${base}/reconciliations`)).status).toBe(401);
    expect((await service.ask(`${base}/reconciliations`, { as: { roles: ['subscriber'] } })).status).toBe(403);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = (await (await service.ask(`${base}/reconciliations?limit=2${cursor ? `&cursor=${cursor}` : ''}`, pharmacist)).json()) as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...page.items.map((it) => it.id));
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(4);
    const mine = (await (await service.ask(`${base}/reconciliations?patient=${patientId(1)}&status=open`, pharmacist)).json()) as { items: unknown[] };
    expect(mine.items).toHaveLength(1);
    expect((await service.ask(`${base}/reconciliations?cursor=${Buffer.from('["x","y"]').toString('base64url')}`, pharmacist)).status).toBe(400);
    expect((await service.ask(`${base}/reconciliations/${patientId(9)}`, pharmacist)).status).toBe(404);
  });

  it('keeps a ledger of every reconciliation, one per discharge', async () => {
    const ledger = (await (await service.ask(`${base}/ledger?limit=100`, { as: { roles: ['operator'] } })).json()) as { items: { kind: string; outcome: string; dischargeId: string }[] };
    expect(ledger.items.map((it) => it.kind)).toEqual(['reconciliation', 'reconciliation', 'reconciliation', 'reconciliation']);
    expect(ledger.items.map((it) => it.outcome).sort()).toEqual(['completed', 'open', 'open', 'withdrawn']);
    expect(ledger.items.every((it) => typeof it.dischargeId === 'string')).toBe(true);
  });
});
