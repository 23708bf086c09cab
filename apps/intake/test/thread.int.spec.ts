import { PatientData, EncounterData, DischargeData, PrescriptionData } from '@throughline/contracts/intake-events';
import { adt, numbered, type AdtOptions, type AdtTrigger } from '@throughline/testing/hl7-builder';
import type { MllpClient } from '@throughline/testing/mllp-client';
import { RunningIntake, type Event } from './running-intake.js';

const SCHEMAS = {
  'care.patient.recorded.v1': PatientData, 'care.encounter.recorded.v1': EncounterData, 'care.discharge.recorded.v1': DischargeData,
  'care.discharge.withdrawn.v1': DischargeData, 'care.prescription.added.v1': PrescriptionData,
} as const;

describe('from a message to its facts', () => {
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
  const eventsOf = async (family: string): Promise<readonly Event[]> => {
    const all = await intake.events();
    const patient = all.find((event) => (event.data['name'] as { family?: string } | undefined)?.family === family)?.data['patientId'];
    return all.filter((event) => event.data['patientId'] === patient);
  };
  const typesOf = async (family: string): Promise<readonly string[]> => (await eventsOf(family)).map((event) => event.type.replace(/care\.|\.v1/g, ''));

  it('states patient, stay and discharge, each once, in schema', async () => {
    await send('A01', numbered(1, { controlId: 'one-a01' }));
    await send('A03', numbered(1, { controlId: 'one-a03', disposition: '01', diagnoses: ['I50.9'] }));
    const events = await eventsOf('Testperson1');
    expect(events.map((event) => event.type)).toEqual(['care.patient.recorded.v1', 'care.encounter.recorded.v1', 'care.encounter.recorded.v1', 'care.discharge.recorded.v1']);
    for (const event of events) SCHEMAS[event.type as keyof typeof SCHEMAS].parse(event.data);
    expect(events[3]!.data).toMatchObject({
      n: 1, version: 1, dischargedAt: '2026-03-05T16:20:00.000Z', dischargedAtSource: 'PV1-45', dischargeDate: '2026-03-05', facility: { code: 'NORTHSHORE' },
      facilityZone: 'America/New_York', disposition: '01', followUp: { wanted: true }, withdrawn: false, diagnoses: [{ code: 'I50.9' }],
    });
    const line = await intake.outcomeOf('one-a03');
    expect(line).toMatchObject({ outcome: 'discharge', trigger: 'A03', timeSource: 'PV1-45', dischargeId: events[3]!.subject, dischargedAt: '2026-03-05T16:20:00.000Z', followUp: 'wanted' });
    expect(events[3]!.correlationId).toBe(line.id);
  });

  it('cancels, even before, and counts the next discharge', async () => {
    const two = numbered(2);
    await send('A13', { ...two, controlId: 'two-a13', recordedAt: '20260305130000-0500' });
    await send('A03', { ...two, controlId: 'two-a03', recordedAt: '20260305113000-0500' });
    expect([await intake.outcomeOf('two-a13'), await intake.outcomeOf('two-a03')]).toMatchObject([
      { outcome: 'withdrawn', reason: 'before-its-discharge' }, { outcome: 'withdrawn', reason: 'cancelled-before', followUp: 'withdrawn' },
    ]);
    await send('A03', { ...two, controlId: 'two-a03b', recordedAt: '20260306090000-0500', dischargedAt: '20260306085500-0500' });
    expect(await intake.outcomeOf('two-a03b')).toMatchObject({ outcome: 'discharge', followUp: 'wanted' });
    const discharges = (await eventsOf('Testperson2')).filter((event) => event.type.startsWith('care.discharge'));
    expect(discharges.map((event) => [event.type, event.data['n'], event.data['withdrawn']])).toEqual([['care.discharge.withdrawn.v1', 1, true], ['care.discharge.recorded.v1', 2, false]]);
  });

  it('withdraws what stood, and corrects what changed', async () => {
    const three = numbered(3);
    await send('A03', { ...three, controlId: 'three-1' });
    await send('A03', { ...three, controlId: 'three-2', disposition: '06' });
    await send('A03', { ...three, controlId: 'three-3', disposition: '06' });
    await send('A13', { ...three, controlId: 'three-4', recordedAt: '20260305130000-0500' });
    const ids = ['three-1', 'three-2', 'three-3', 'three-4'];
    expect((await Promise.all(ids.map((id) => intake.outcomeOf(id)))).map((line) => line.outcome)).toEqual(['discharge', 'correction', 'repeat', 'withdrawn']);
    expect((await typesOf('Testperson3')).filter((type) => type.startsWith('discharge'))).toEqual(['discharge.recorded', 'discharge.recorded', 'discharge.withdrawn']);
  });

  it('takes what a sender wrote within one second in the order in which it came', async () => {
    const nine = numbered(9);
    await send('A03', { ...nine, controlId: 'nine-1', recordedAt: '20260305113000-0500' });
    await send('A13', { ...nine, controlId: 'nine-2', recordedAt: '20260305130000-0500' });
    await send('A03', { ...nine, controlId: 'nine-3', recordedAt: '20260305130000-0500', dischargedAt: '20260305125500-0500' });
    expect((await Promise.all(['nine-1', 'nine-2', 'nine-3'].map((id) => intake.outcomeOf(id)))).map((line) => line.outcome)).toEqual(['discharge', 'withdrawn', 'discharge']);
    const discharges = (await eventsOf('Testperson9')).filter((event) => event.type.startsWith('care.discharge'));
    expect(discharges.map((event) => [event.data['n'], event.data['withdrawn']])).toEqual([[1, false], [1, true], [2, false]]);
  });

  it('does not move a discharge by an account without a time of leaving', async () => {
    const ten = numbered(20);
    await send('A03', { ...ten, controlId: 'ten-1' });
    await send('A03', { ...ten, controlId: 'ten-2', dischargedAt: 'yesterday', occurredAt: '', recordedAt: '20260307090000-0500', disposition: '06' });
    expect(await intake.outcomeOf('ten-2')).toMatchObject({ outcome: 'correction', dischargedAt: '2026-03-05T16:20:00.000Z', timeSource: 'PV1-45', flags: ['time-unreadable-PV1-45', 'better-time-kept'] });
    const last = (await eventsOf('Testperson20')).filter((event) => event.type === 'care.discharge.recorded.v1').at(-1)!;
    expect(last.data).toMatchObject({ version: 2, disposition: '06', dischargedAt: '2026-03-05T16:20:00.000Z', dischargedAtSource: 'PV1-45', dischargeDate: '2026-03-05' });
  });

  it('says why a discharge is not followed up', async () => {
    await send('A03', numbered(4, { controlId: 'four', disposition: '20' }));
    await send('A03', numbered(5, { controlId: 'five', patientClass: 'E' }));
    expect([await intake.outcomeOf('four'), await intake.outcomeOf('five')]).toMatchObject([{ outcome: 'not-followed-up', reason: 'deceased' }, { outcome: 'not-followed-up', reason: 'not-an-inpatient-stay' }]);
  });

  it('knows one person by a number learned in the same batch', async () => {
    const one = numbered(6, { moreIdentifiers: ['HIE-6^^^HIE^PI'], controlId: 'six-a' });
    const two = { ...numbered(6), mrn: '', moreIdentifiers: ['HIE-6^^^HIE^PI'], controlId: 'six-b', given: 'Robin' };
    await Promise.all([send('A01', { ...two, recordedAt: '20260302070000-0500' }), send('A03', one)]);
    await intake.quiet();
    const { rows } = await intake.sql.query(`select count(distinct patient_id) as n from identifier where value in ('HIE-6', '800006')`);
    expect(rows[0]).toEqual({ n: '1' });
  });

  it('moves on past a message that cannot be decided, and keeps its followers in order behind it', async () => {
    const seven = numbered(7);
    await intake.sql.query(`alter table encounter add constraint no_seven check (body ->> 'encounterId' is null or body -> 'visits' ->> 0 not like '%V800007')`);
    await send('A03', { ...seven, controlId: 'seven' });
    await send('A08', { ...seven, controlId: 'seven-b', recordedAt: '20260305120000-0500', diagnoses: ['I10'] });
    await send('A03', numbered(8, { controlId: 'eight' }));
    expect(await intake.outcomeOf('eight')).toMatchObject({ outcome: 'discharge' });
    expect([await intake.outcomeOf('seven'), await intake.outcomeOf('seven-b')]).toMatchObject([{ outcome: 'parked' }, { outcome: 'parked' }]);
    await intake.sql.query('alter table encounter drop constraint no_seven');
    const { body } = await intake.call<{ items: { id: string | number }[] }>('GET', '/api/intake/parked', { roles: ['operator'] });
    expect((await intake.call('POST', `/api/intake/parked/${body.items[0]!.id}/replay`, { roles: ['operator'], body: {} })).status).toBeLessThan(300);
    expect([await intake.outcomeOf('seven'), await intake.outcomeOf('seven-b')]).toMatchObject([{ outcome: 'discharge' }, { outcome: 'update' }]);
    const { rows: trail } = await intake.sql.query(`select patient_id, outcome from audit where resource = 'parked' and action = 'change' and subject = $1`, [String(body.items[0]!.id)]);
    expect(trail).toEqual([{ patient_id: expect.any(String) as string, outcome: 'allowed' }]);
  });

  it('tells the person’s story to those who may read it', async () => {
    const found = await intake.call<{ items: { id: string; name: string }[] }>('GET', '/api/intake/patients?query=testperson1', { roles: ['coordinator'] });
    expect(found.body.items).toMatchObject([{ name: 'Avery Testperson1', recordNumber: '800001' }]);
    const id = found.body.items[0]!.id;
    const person = await intake.call('GET', `/api/intake/patients/${id}`, { roles: ['nurse'] });
    expect(person.body).toMatchObject({ encounters: [{ status: 'discharged' }], discharges: [{ n: 1 }] });
    const timeline = await intake.call<{ items: { outcome: string }[] }>('GET', `/api/intake/patients/${id}/timeline`, { roles: ['coordinator'] });
    expect(timeline.body.items.map((one) => one.outcome)).toEqual(['discharge', 'admission']);
    const { rows } = await intake.sql.query(`select count(*) as n from audit where patient_id = $1 and action = 'read'`, [id]);
    expect(Number((rows[0] as { n: string }).n)).toBeGreaterThanOrEqual(3);
    expect((await intake.call('GET', `/api/intake/patients/${id}`)).status).toBe(401);
    expect((await intake.call('GET', `/api/intake/patients/${id}`, { roles: ['operator'] })).status).toBe(403);
  });

  it('shows an inbound message to operators only, and notes who looked', async () => {
    const { id } = await intake.outcomeOf('one-a03');
    expect((await intake.call('GET', `/api/intake/inbound/${id}`, { roles: ['coordinator'] })).status).toBe(403);
    const shown = await intake.call<{ text: string }>('GET', `/api/intake/inbound/${id}`, { roles: ['operator'] });
    expect(shown.body.text).toContain('one-a03');
    const { rows } = await intake.sql.query(`select roles, outcome from audit where resource = 'inbound' and action = 'read' and subject = $1 order by at`, [id]);
    expect(rows).toEqual([{ roles: ['coordinator'], outcome: 'denied' }, { roles: ['operator'], outcome: 'allowed' }]);
    const { rows: changes } = await intake.sql.query(`select actor, patient_id from audit where action = 'change' and subject = $1`, [id]);
    expect(changes).toEqual([{ actor: 'sender:WARDS|NORTHSHORE', patient_id: expect.any(String) as string }]);
    const list = await intake.call<{ items: object[] }>('GET', '/api/intake/inbound?outcome=withdrawn&limit=2', { roles: ['operator'] });
    expect(list.body.items).toHaveLength(2);
    expect(JSON.stringify(list.body)).not.toContain('Testperson');
  });
});
