import { adt, mdm, numbered, type AdtOptions, type AdtTrigger } from '@throughline/testing/hl7-builder';
import type { MllpClient } from '@throughline/testing/mllp-client';
import { RunningIntake, type Event } from './running-intake.js';

interface Person {
  readonly id: string;
  readonly records: readonly { id: string; recordNumber: string; goesBy: string }[];
  readonly discharges: readonly { dischargeId: string; withdrawn: boolean }[];
}

describe('stays and persons, as messages of many kinds tell of them', () => {
  let intake: RunningIntake;
  let client: MllpClient;
  beforeAll(async () => {
    intake = await RunningIntake.start();
    client = await intake.client();
  });
  afterAll(async () => intake?.stop());

  const send = async (trigger: AdtTrigger, options: AdtOptions): Promise<void> => {
    expect((await client.send(adt(trigger, options))).code).toBe('AA');
  };
  const became = (controlId: string): Promise<string> => intake.became(controlId);
  const mrg = (n: number, visit = ''): string => `MRG|${800_000 + n}^^^NSH^MR||||${visit}`;
  const idOf = async (n: number): Promise<string> => {
    await intake.quiet();
    const { rows } = await intake.sql.query<{ patient_id: string }>('select patient_id from identifier where value = $1', [String(800_000 + n)]);
    return rows[0]!.patient_id;
  };
  const personOf = async (n: number): Promise<Person> => (await intake.call<Person>('GET', `/api/intake/patients/${await idOf(n)}`, { roles: ['coordinator'] })).body;
  const eventsUnder = async (id: string): Promise<readonly Event[]> => (await intake.events()).filter((event) => event.data['patientId'] === id);
  const types = (events: readonly Event[]): readonly string[] => events.map((event) => event.type.replace(/care\.|\.v1/g, ''));

  it('takes a stay back with its discharge', async () => {
    const one = numbered(1);
    await send('A01', { ...one, controlId: 'p1-a01' });
    await send('A03', { ...one, controlId: 'p1-a03' });
    await send('A23', { ...one, controlId: 'p1-a23', recordedAt: '20260306080000-0500', patientClass: 'O' });
    expect(await became('p1-a23')).toBe('withdrawn');
    expect(types(await eventsUnder(await idOf(1))).slice(-2)).toEqual(['encounter.withdrawn', 'discharge.withdrawn']);
  });

  it('announces a discharge, and never takes that for one', async () => {
    const two = numbered(2);
    await send('A01', { ...two, controlId: 'p2-a01' });
    await send('A16', { ...two, controlId: 'p2-a16', recordedAt: '20260304090000-0500', moreSegments: ['PV2|||||||||20260305110000-0500'] });
    expect(await became('p2-a16')).toBe('planned');
    expect((await eventsUnder(await idOf(2))).at(-1)).toMatchObject({ type: 'care.discharge.planned.v1', data: { n: 1, expectedAt: '2026-03-05T16:00:00.000Z', withdrawn: false } });
    await send('A25', { ...two, controlId: 'p2-a25', recordedAt: '20260304100000-0500' });
    await send('A03', { ...two, controlId: 'p2-a03' });
    expect([await became('p2-a25'), await became('p2-a03')]).toEqual(['withdrawn', 'discharge']);
    expect((await eventsUnder(await idOf(2))).at(-1)).toMatchObject({ type: 'care.discharge.recorded.v1', data: { n: 1, version: 3 } });
  });

  it('merges two records, files what is on its way under the old number, and shows one person', async () => {
    await send('A03', numbered(3, { controlId: 'p3-a03' }));
    await send('A04', numbered(4, { controlId: 'p4-a04', patientClass: 'O' }));
    await send('A40', numbered(4, { controlId: 'p4-a40', recordedAt: '20260306080000-0500', moreSegments: [mrg(3)] }));
    expect(await became('p4-a40')).toBe('merged');
    const [old, standing] = [await idOf(3), await idOf(4)];
    expect((await eventsUnder(old)).at(-1)).toMatchObject({ type: 'care.patients.merged.v1', data: { patientId: old, survivorId: standing, version: 1 } });
    expect((await eventsUnder(standing)).at(-1)).toMatchObject({ type: 'care.patients.merged.v1', data: { patientId: standing, survivorId: standing } });

    await send('A13', numbered(3, { controlId: 'p3-a13', recordedAt: '20260306090000-0500' }));
    await send('A03', numbered(3, { controlId: 'p3-again', recordedAt: '20260307090000-0500', dischargedAt: '20260307085500-0500' }));
    expect([await became('p3-a13'), await became('p3-again')]).toEqual(['withdrawn', 'discharge']);
    for (const n of [3, 4]) {
      const person = await personOf(n);
      expect(person).toMatchObject({ id: standing, records: expect.arrayContaining([expect.objectContaining({ id: old, goesBy: standing }), expect.objectContaining({ id: standing, goesBy: standing })]) as unknown });
      expect(person.discharges.map(({ withdrawn }) => withdrawn).sort()).toEqual([false, true]);
    }
    await send('A40', numbered(4, { controlId: 'p4-a40-again', recordedAt: '20260306080000-0500', moreSegments: [mrg(3)] }));
    expect(await became('p4-a40-again')).toBe('repeat');
  });

  it('takes a merge back when a person says so, and keeps what belongs to each', async () => {
    await send('A03', numbered(5, { controlId: 'p5-a03' }));
    await send('A03', numbered(6, { controlId: 'p6-a03' }));
    await send('A34', numbered(6, { controlId: 'p6-a34', recordedAt: '20260306080000-0500', moreSegments: [mrg(5)] }));
    expect(await became('p6-a34')).toBe('merged');
    const [five, six] = [await idOf(5), await idOf(6)];
    const unmerge = (id: string, key: string) => intake.call<{ was?: string; type?: string }>('POST', `/api/intake/patients/${id}/unmerge`, { roles: ['coordinator'], key, body: { reason: 'two people with one name' } });
    expect(await unmerge(six, 'k0')).toMatchObject({ status: 409, body: { type: 'urn:throughline:problem:not-merged' } });
    expect(await unmerge(five, 'k1')).toMatchObject({ status: 200, body: { was: six } });
    expect(await unmerge(five, 'k1')).toMatchObject({ status: 200, body: { was: six } });
    expect(await personOf(5)).toMatchObject({ id: five, records: [{ id: five, goesBy: five }], discharges: [{ withdrawn: false }] });
    expect(await personOf(6)).toMatchObject({ id: six, records: [{ id: six }] });
    expect((await eventsUnder(five)).at(-1)).toMatchObject({ type: 'care.patients.merged.v1', data: { survivorId: five, together: [five], version: 2 } });
    // The sender's old word does not bind them again; a new one does.
    await send('A34', numbered(6, { controlId: 'p6-a34-old', recordedAt: '20260306080500-0500', moreSegments: [mrg(5)] }));
    expect(await became('p6-a34-old')).toMatch(/repeat|update/);
    expect(await personOf(5)).toMatchObject({ id: five });
    expect((await intake.call('POST', `/api/intake/patients/${five}/unmerge`, { roles: ['pharmacist'], key: 'k2', body: { reason: 'none of theirs' } })).status).toBe(403);
  });

  it('moves a stay that was booked on another record', async () => {
    await send('A03', numbered(7, { controlId: 'p7-a03' }));
    await send('A28', numbered(8, { controlId: 'p8-a28' }));
    await send('A45', numbered(8, { controlId: 'p8-a45', recordedAt: '20260306080000-0500', visit: 'V9008', moreSegments: [mrg(7, 'V800007')] }));
    expect(await became('p8-a45')).toBe('correction');
    expect(await personOf(7)).toMatchObject({ discharges: [{ withdrawn: true }] });
    expect(await personOf(8)).toMatchObject({ discharges: [{ withdrawn: false }] });
  });

  it('follows up whoever left and is named by nothing that may match, each message for itself', async () => {
    const nobody = (controlId: string): AdtOptions => ({ mrn: '', moreIdentifiers: ['123-45-6789^^^SSA^SS'], family: 'Nameless', visit: '', controlId });
    await send('A03', nobody('p9-a03'));
    await send('A03', nobody('p9-other'));
    await send('A31', nobody('p9-a31'));
    expect([await became('p9-a03'), await became('p9-other'), await became('p9-a31')]).toEqual(['discharge', 'discharge', 'update (names-nobody)']);
    expect((await intake.outcomeOf('p9-a03')).flags).toContain('matches-nobody');
    const { body } = await intake.call<{ items: { id: string }[] }>('GET', '/api/intake/patients?query=nameless', { roles: ['coordinator'] });
    expect(body.items).toHaveLength(2);
  });

  it('takes documents for what they are, each number once', async () => {
    await send('A03', numbered(12, { controlId: 'p12-a03' }));
    const about = { mrn: '800012', visit: 'V800012', family: 'Testperson12', number: 'DOC-12' };
    const sent = async (message: string): Promise<void> => expect((await client.send(message)).code).toBe('AA');
    await sent(mdm('T01', { ...about, controlId: 'p12-t01', text: '' }));
    await sent(mdm('T02', { ...about, controlId: 'p12-t02', recordedAt: '20260305190000-0500' }));
    await sent(mdm('T02', { ...about, controlId: 'p12-again', recordedAt: '20260305190000-0500' }));
    await sent(mdm('T11', { ...about, controlId: 'p12-t11', recordedAt: '20260305200000-0500', text: '' }));
    expect([await became('p12-t01'), await became('p12-t02'), await became('p12-again'), await became('p12-t11')]).toEqual(['document', 'correction', 'repeat', 'withdrawn']);
    const events = (await eventsUnder(await idOf(12))).filter(({ type }) => type === 'care.document.received.v1');
    const stay = (await eventsUnder(await idOf(12))).find(({ type }) => type === 'care.encounter.recorded.v1')!.subject;
    expect(events.map(({ data }) => [data['version'], data['withContent'], data['withdrawn'], data['dischargeSummary'], data['encounterId']])).toEqual([
      [1, false, false, true, stay], [2, true, false, true, stay], [3, true, true, true, stay],
    ]);
  });

  it('finds a person by a number of any record', async () => {
    const { body } = await intake.call<{ items: { id: string }[] }>('GET', `/api/intake/patients?query=800003`, { roles: ['coordinator'] });
    expect(body.items.map(({ id }) => id)).toEqual([await idOf(4)]);
  });
});
