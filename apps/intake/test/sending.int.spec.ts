import { adt, numbered } from '@throughline/testing/hl7-builder';
import { RunningIntake } from './running-intake.js';

const patient = { identifiers: [{ value: '900001', authority: 'NSH', type: 'MR' }], family: 'Restperson', given: 'Kim' };
const discharge = {
  sender: 'EHR', patient, encounter: { visitNumber: 'R1', class: 'I', facility: { code: 'NORTHSHORE' }, admittedAt: '2026-03-02T08:15:00-05:00' },
  dischargedAt: '2026-03-05T11:20:00-05:00', disposition: '01', diagnoses: [{ code: 'I50.9' }],
};
const prescription = { sender: 'EHR', patient, encounter: { visitNumber: 'R1' }, orderId: 'RX-1', medicine: { text: 'lisinopril 10 mg tablet', code: '314076' }, dose: { value: '10', unit: 'mg' }, directions: 'one a day' };

describe('sending by REST', () => {
  let intake: RunningIntake;
  beforeAll(async () => {
    intake = await RunningIntake.start();
  });
  afterAll(async () => intake?.stop());
  const post = (path: string, body: unknown, key?: string, roles: readonly string[] = ['sender']) =>
    intake.call<{ inboundId: string; repeat: boolean; errors?: { field: string; detail: string }[] }>('POST', `/api/intake/${path}`, { roles, body, ...(key ? { key } : {}) });

  it('takes a discharge and a medicine through the same log, tied together', async () => {
    const first = await post('prescriptions', prescription, 'k-1');
    const second = await post('discharges', discharge, 'k-2');
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body).toEqual({ inboundId: expect.any(String) as string, correlationId: second.body.inboundId, repeat: false });
    expect([await intake.outcomeOf('k-1'), await intake.outcomeOf('k-2')]).toMatchObject([{ outcome: 'prescription', trigger: 'prescription' }, { outcome: 'discharge', timeSource: 'stated', followUp: 'wanted' }]);
    const line = (await intake.events()).filter((event) => event.type === 'care.prescription.added.v1').at(-1)!;
    expect(line.data).toMatchObject({ dischargeId: (await intake.outcomeOf('k-2')).dischargeId, medicine: { text: 'lisinopril 10 mg tablet' }, source: 'EHR', version: 2 });
    const patientId = line.data['patientId'] as string;
    const shown = await intake.call<{ items: object[] }>('GET', `/api/intake/patients/${patientId}/prescriptions`, { roles: ['pharmacist'] });
    expect(shown.body.items).toMatchObject([{ orderId: 'RX-1', directions: 'one a day' }]);
  });

  it('gives the stored answer to the same key, and none to another body', async () => {
    const again = await post('discharges', discharge, 'k-2');
    expect([again.status, again.headers.get('idempotency-replayed'), again.body.repeat]).toEqual([202, 'true', false]);
    expect((await post('discharges', { ...discharge, disposition: '06' }, 'k-2')).status).toBe(422);
    const other = await post('discharges', { ...discharge, messageId: 'm-1' }, 'k-3');
    const same = await post('discharges', { ...discharge, messageId: 'm-1' }, 'k-4');
    expect([other.body.repeat, same.body.repeat, same.body.inboundId]).toEqual([false, true, other.body.inboundId]);
    expect(await intake.outcomeOf('m-1')).toMatchObject({ outcome: 'repeat' });
  });

  it('meets the person and the stay that HL7 brought', async () => {
    await (await intake.client()).send(adt('A03', numbered(1, { controlId: 'hl7' })));
    await post('prescriptions', { ...prescription, patient: { identifiers: [{ value: '800001', authority: 'NSH' }] }, encounter: { visitNumber: 'V800001' }, orderId: 'RX-9' }, 'k-9');
    const line = await intake.outcomeOf('k-9');
    expect(line).toMatchObject({ outcome: 'prescription', dischargeId: (await intake.outcomeOf('hl7')).dischargeId });
  });

  it.each([
    ['dischargedAt', { ...discharge, dischargedAt: '2026-03-05T11:20:00' }],
    ['dischargedAt', { ...discharge, dischargedAt: undefined }],
    ['patient.identifiers', { ...discharge, patient: { ...patient, identifiers: [] } }],
    ['patient.identifiers', { ...discharge, patient: { ...patient, identifiers: [{ value: '123-45-6789', type: 'SS' }] } }],
    ['patient.birthDate', { ...discharge, patient: { ...patient, birthDate: '1951-02-31' } }],
    ['encounter.facility', { ...discharge, encounter: { visitNumber: 'R1' } }],
    ['encounter.facilityZone', { ...discharge, encounter: { ...discharge.encounter, facilityZone: 'Mars/Olympus' } }],
    ['surprise', { ...discharge, surprise: 1 }],
    ['sender', { ...discharge, sender: '' }],
    ['encounter.visitNumber', { ...discharge, encounter: { ...discharge.encounter, visitNumber: '' } }],
  ])('names the field %s', async (field, body) => {
    const answer = await post('discharges', body, `bad-${field}-${JSON.stringify(body).length}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringContaining('application/problem+json')]);
    expect(answer.body.errors!.map((one) => one.field).join(' ')).toContain(field);
  });

  it('refuses what is no JSON, no key, no token, the wrong role; and stores nothing of it', async () => {
    const { rows: before } = await intake.sql.query('select count(*) from inbound');
    expect((await intake.call('POST', '/api/intake/discharges', { roles: ['sender'], raw: '{"a":', key: 'x' })).status).toBe(400);
    expect((await post('discharges', discharge)).status).toBe(400);
    expect((await intake.call('POST', '/api/intake/discharges', { body: discharge })).status).toBe(401);
    expect((await post('discharges', discharge, 'y', ['subscriber'])).status).toBe(403);
    const { rows: after } = await intake.sql.query('select count(*) from inbound');
    expect(after).toEqual(before);
  });

  it('takes many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => post('prescriptions', { ...prescription, orderId: `many-${i}` }, `many-${i}`)));
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([202]));
    await intake.quiet();
    expect((await intake.ledger()).filter((line) => line.controlId.startsWith('many-')).map((line) => line.outcome)).toEqual(Array.from({ length: 40 }, () => 'prescription'));
    const { rows } = await intake.sql.query(`select count(*) as n from audit where action = 'change'`);
    expect(Number((rows[0] as { n: string }).n)).toBeGreaterThanOrEqual(40);
  });

  it('describes itself', async () => {
    const { status, body } = await intake.call<{ paths: object; components: { schemas: Record<string, { properties: object; required: readonly string[] }> } }>('GET', '/api/intake/openapi.json');
    expect(status).toBe(200);
    for (const name of ['DischargeBody', 'PrescriptionBody']) {
      expect(Object.keys(body.components.schemas[name]!.properties)).toEqual(expect.arrayContaining(['sender', 'messageId', 'patient', 'encounter']));
      expect(body.components.schemas[name]!.required).toEqual(expect.arrayContaining(['sender', 'patient']));
    }
    expect(Object.keys(body.components.schemas['EncounterBody']!.properties)).toEqual(expect.arrayContaining(['visitNumber', 'account', 'facility']));
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/api/intake/discharges', '/api/intake/prescriptions', '/api/intake/patients/{id}/timeline']));
  });
});
