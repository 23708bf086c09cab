import { RunningIntake } from './running-intake.js';

interface Pair {
  readonly records: readonly { readonly id: string; readonly recordNumber: string }[];
  readonly because: readonly string[];
}

describe('records that may be one person\'s', () => {
  let intake: RunningIntake;
  beforeAll(async () => {
    intake = await RunningIntake.start();
  });
  afterAll(async () => intake?.stop());

  const as = ['coordinator'];
  const leaves = async (number: string, more: object = {}): Promise<void> => {
    const patient = { identifiers: [{ value: number, authority: `H${number}`, type: 'MR' }], family: 'Twinname', given: 'Robin', birthDate: '1950-02-03', sex: 'F', ...more };
    const body = { sender: 'EHR', patient, encounter: { visitNumber: `V${number}`, class: 'I', facility: { code: 'NSH' } }, dischargedAt: '2026-03-05T11:20:00-05:00' };
    expect((await intake.call('POST', '/api/intake/discharges', { roles: ['sender'], key: `d-${number}`, body })).status).toBe(202);
    await intake.quiet();
  };
  const pairs = async (query = ''): Promise<{ items: readonly Pair[]; nextCursor: string | null }> => (await intake.call<{ items: readonly Pair[]; nextCursor: string | null }>('GET', `/api/intake/duplicates${query}`, { roles: as })).body;
  const post = (path: string, key: string, body: object, roles = as) => intake.call<{ type?: string; errors?: { field: string }[] }>('POST', `/api/intake/patients/${path}`, { roles, key, body });
  const idOf = async (number: string): Promise<string> => {
    const { rows } = await intake.sql.query<{ patient_id: string }>('select patient_id from identifier where value = $1', [number]);
    return rows[0]!.patient_id;
  };

  it('are shown two by two, with what is the same, and nothing is merged by guess', async () => {
    await leaves('11');
    await leaves('12', { phone: '555-0100' });
    await leaves('13', { sex: 'M' });
    await leaves('14', { birthDate: '1950-02-04' });
    const { items } = await pairs();
    expect(items.map((pair) => [pair.records.map(({ recordNumber }) => recordNumber).sort(), pair.because])).toEqual([[['11', '12'], ['name', 'birth-date', 'sex']]]);
    expect((await intake.events()).filter(({ type }) => type === 'care.patients.merged.v1')).toEqual([]);
  });

  it('come page by page', async () => {
    await leaves('15');
    const first = await pairs('?limit=2');
    expect(first.items).toHaveLength(2);
    const second = await pairs(`?limit=2&cursor=${encodeURIComponent(first.nextCursor!)}`);
    expect([second.items.length, second.nextCursor]).toEqual([1, null]);
    expect(new Set([...first.items, ...second.items].map(({ records }) => records.map(({ id }) => id).join())).size).toBe(3);
  });

  it('are one person once somebody says so, and two again when it is taken back', async () => {
    const [gone, stands] = [await idOf('11'), await idOf('12')];
    const merge = { into: stands, reason: 'same address, she confirmed it' };
    expect(await post(`${gone}/merge`, 'm-1', merge)).toMatchObject({ status: 200, body: { patientId: gone, into: stands } });
    const merged = (await intake.events()).filter(({ type }) => type === 'care.patients.merged.v1');
    expect(merged.map(({ data }) => [data['patientId'], data['survivorId']])).toEqual(expect.arrayContaining([[gone, stands], [stands, stands]]));
    expect(await post(`${gone}/merge`, 'm-2', merge)).toMatchObject({ status: 422, body: { type: 'urn:throughline:problem:one-person' } });
    expect((await pairs()).items.flatMap(({ records }) => records.map(({ id }) => id))).not.toContain(gone);
    expect((await post(`${gone}/unmerge`, 'm-3', { reason: 'two after all' })).status).toBe(200);
    expect((await pairs()).items.flatMap(({ records }) => records.map(({ id }) => id))).toContain(gone);
  });

  it('are not shown again once somebody says that they are two', async () => {
    const [a, b] = [await idOf('11'), await idOf('12')];
    const before = (await pairs()).items.length;
    expect((await post(`${b}/two-persons`, 't-1', { other: a, reason: 'twins' })).status).toBe(200);
    expect((await pairs()).items).toHaveLength(before - 1);
  });

  it('are nobody else\'s to merge, and a person cannot be merged with nobody or without a word why', async () => {
    const [a, c] = [await idOf('11'), await idOf('15')];
    expect((await post(`${a}/merge`, 'f-1', { into: c, reason: 'looks alike' }, ['pharmacist'])).status).toBe(403);
    expect((await post(`${a}/merge`, 'f-2', { into: '00000000-0000-5000-8000-000000000000', reason: 'looks alike' })).status).toBe(404);
    expect(await post(`${a}/merge`, 'f-3', { into: c, reason: '' })).toMatchObject({ status: 400 });
  });
});
