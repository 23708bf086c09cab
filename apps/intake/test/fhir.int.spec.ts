import { randomUUID } from 'node:crypto';
import { encounterOf, medicineOf, notificationOf, patientOf, transactionOf } from './fhir-builder.js';
import { RunningIntake } from './running-intake.js';

interface Outcome {
  readonly resourceType: string;
  readonly issue: readonly { readonly severity: string; readonly code: string; readonly diagnostics: string; readonly expression?: readonly string[] }[];
}
interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly location: string | null;
  readonly body: Outcome & Record<string, unknown>;
}

/** A hospital that speaks FHIR. */
describe('the FHIR door', () => {
  let intake: RunningIntake;
  beforeAll(async () => {
    intake = await RunningIntake.start();
  });
  afterAll(async () => intake?.stop());

  const call = async (method: string, path: string, body?: string, { roles = ['sender'], type = 'application/fhir+json', headers = {} }: { roles?: readonly string[] | null; type?: string; headers?: Readonly<Record<string, string>> } = {}): Promise<Answered> => {
    const response = await fetch(`${intake.service.url}${path}`, {
      method,
      headers: { ...(roles ? { authorization: `Bearer ${await intake.issuer.token({ roles })}` } : {}), ...(body === undefined ? {} : { 'content-type': type }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, type: response.headers.get('content-type'), location: response.headers.get('location'), body: JSON.parse(await response.text()) as Answered['body'] };
  };
  const send = (method: string, path: string, resource: object) => call(method, path, JSON.stringify(resource));
  const kept = async (): Promise<number> => Number((await intake.sql.query<{ n: string }>('select count(*) as n from inbound')).rows[0]!.n);
  const outcomeOf = async ({ body }: Answered): Promise<string | undefined> => {
    await intake.quiet();
    const id = /Message (\S+) is/.exec(body.issue[0]!.diagnostics)?.[1];
    return (await intake.ledger()).find((line) => line.id === id)?.outcome;
  };

  it('says what it takes, to anybody', async () => {
    const { status, type, body } = await call('GET', '/fhir/metadata', undefined, { roles: null });
    expect([status, type]).toEqual([200, 'application/fhir+json; charset=utf-8']);
    expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1', rest: [{ operation: [{ name: 'process-message' }] }] });
  });

  it('takes a notification, and the same again is the same', async () => {
    const bundle = JSON.stringify(notificationOf('910001', 'discharge'));
    const first = await call('POST', '/fhir/$process-message', bundle);
    expect([first.status, first.type, first.body.issue]).toEqual([200, 'application/fhir+json; charset=utf-8', [expect.objectContaining({ severity: 'information', diagnostics: expect.stringMatching(/is taken$/) as string })]]);
    expect(await outcomeOf(first)).toBe('discharge');
    const discharges = (await intake.events()).filter(({ type }) => type === 'care.discharge.recorded.v1');
    expect(discharges).toHaveLength(1);
    expect(discharges[0]!.data).toMatchObject({ dischargedAt: '2026-03-05T16:20:00.000Z' });

    const before = await intake.events();
    const again = await call('POST', '/fhir/$process-message', bundle, { type: 'application/json' });
    expect([again.status, again.body.issue[0]!.diagnostics]).toEqual([200, expect.stringMatching(/taken before$/)]);
    expect(await intake.events()).toEqual(before);
  });

  it('takes single resources under their own addresses', async () => {
    const patient = await send('POST', '/fhir/Patient', patientOf('910002'));
    expect([patient.status, patient.location, patient.body]).toEqual([201, '/fhir/Patient/p-910002', patientOf('910002')]);
    const { id: _id, ...nameless } = patientOf('910003');
    const named = await send('POST', '/fhir/Patient', nameless);
    expect([named.status, named.body['id'], named.location]).toEqual([201, expect.stringMatching(/^[0-9a-f-]{36}$/), `/fhir/Patient/${String(named.body['id'])}`]);
    expect(await send('PUT', '/fhir/Patient/p-910002', patientOf('910002', { gender: 'male' }))).toMatchObject({ status: 200, body: { gender: 'male' } });
    expect((await send('PUT', '/fhir/Patient/another', patientOf('910002'))).body.issue[0]).toMatchObject({ code: 'invalid', diagnostics: expect.stringContaining('another') as string });
    expect((await send('POST', '/fhir/Encounter', patientOf('910002'))).status).toBe(400);
  });

  it('takes a transaction that also asks for something, and says of that entry that nothing is read here', async () => {
    const transaction = transactionOf(patientOf('910014')) as { readonly entry: readonly object[] };
    const { status, body } = await send('POST', '/fhir/', { ...transaction, entry: [...transaction.entry, { request: { method: 'GET', url: 'Patient?name=peter' } }] });
    expect(status).toBe(200);
    expect((body as unknown as { entry: { response: { status: string } }[] }).entry.map(({ response }) => response.status)).toEqual(['200 OK', '405 Method Not Allowed']);
  });

  it('answers a transaction entry by entry', async () => {
    const { status, body } = await send('POST', '/fhir/', transactionOf(patientOf('910004'), encounterOf('910004'), medicineOf('910004')));
    expect([status, body]).toEqual([200, { resourceType: 'Bundle', id: expect.any(String) as string, type: 'transaction-response', entry: ['Patient/p-910004', 'Encounter/e-910004', 'MedicationRequest/rx-910004'].map((location) => ({ response: { status: '200 OK', location } })) }]);
    const types = (await intake.events()).filter(({ correlationId }) => correlationId === body['id']).map((event) => event.type);
    expect(types).toEqual(expect.arrayContaining(['care.patient.recorded.v1', 'care.discharge.recorded.v1', 'care.prescription.added.v1']));
  });

  it('answers for the entries of a batch that are no telling', async () => {
    const { status, body } = await send('POST', '/fhir', { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient/1' } }, { resource: patientOf('910009'), request: { method: 'POST', url: 'Patient' } }] });
    expect([status, body['entry']]).toEqual([200, [
      { response: { status: '405 Method Not Allowed', outcome: expect.objectContaining({ resourceType: 'OperationOutcome' }) as object } },
      { response: { status: '201 Created', location: 'Patient/p-910009' } },
    ]]);
  });

  it.each<[string, string, string, number, string, string | undefined]>([
    ['no JSON', '/fhir/Patient', '{"resourceType": "Patient",', 400, 'value', undefined],
    ['no FHIR', '/fhir', '[1, 2]', 400, 'value', 'resourceType'],
    ['a resource without a type', '/fhir/Patient', '{"resourceType": ""}', 400, 'value', 'resourceType'],
    ['nothing', '/fhir', '', 400, 'value', undefined],
    ['an element that R4 does not have', '/fhir/Encounter', JSON.stringify(encounterOf('910005', { reason: [{ text: 'x' }] })), 422, 'structure', 'Encounter.reason'],
    ['nothing where something is required', '/fhir/Encounter', JSON.stringify(encounterOf('910005', { status: undefined })), 422, 'required', 'Encounter.status'],
    ['a code of nobody’s', '/fhir/$process-message', JSON.stringify(notificationOf('910005', 'discharge', { encounter: { status: 'discharged' } })), 422, 'code-invalid', 'Bundle.entry[1].resource.status'],
    ['a transaction that deletes', '/fhir', JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: 'Patient/1' } }] }), 422, 'not-supported', 'Bundle.entry[0].request.method'],
  ])('keeps what it cannot take, and says where: %s', async (_what, path, text, status, code, expression) => {
    const before = await kept();
    const answer = await call('POST', path, text);
    expect([answer.status, answer.type, answer.body.resourceType]).toEqual([status, 'application/fhir+json; charset=utf-8', 'OperationOutcome']);
    expect(answer.body.issue[0]).toMatchObject({ severity: 'error', code, ...(expression === undefined ? {} : { expression: [expression] }) });
    expect(JSON.stringify(answer.body)).not.toContain('Restperson');
    expect(await call('POST', path, text)).toEqual(answer);
    expect(await kept()).toBe(before + 1);
  });

  it('reads what it kept again, by today’s version, on its own row', async () => {
    const whole = JSON.stringify(notificationOf('910006', 'discharge'));
    await call('POST', '/fhir/$process-message', whole.replace('"finished"', '"discharged"'));
    const { rows } = await intake.sql.query<{ id: string }>(`select id from inbound where protocol = 'fhir' and answer = 'AE' order by received_at desc limit 1`);
    const replay = (id: string) => intake.call<{ inboundId: string; answer: string; reasons: readonly object[] }>('POST', `/api/intake/inbound/${id}/replay`, { roles: ['operator'], key: randomUUID(), body: {} });
    expect((await replay(rows[0]!.id)).body).toMatchObject({ inboundId: rows[0]!.id, answer: 'AE', reasons: [{ code: 103, where: 'Bundle.entry[1].resource.status' }] });
    // As if an older version had not known the code.
    await intake.sql.query('update inbound set raw = $2, hash = sha256($2) where id = $1', [rows[0]!.id, Buffer.from(whole)]);
    expect((await replay(rows[0]!.id)).body).toMatchObject({ answer: 'AA', reasons: [] });
    const shown = await intake.call<{ text: string; protocol: string }>('GET', `/api/intake/inbound/${rows[0]!.id}`, { roles: ['operator'] });
    expect(shown.body).toMatchObject({ protocol: 'fhir', text: whole });
  });

  it('answers every refusal with an OperationOutcome, and keeps nothing of it', async () => {
    const before = await kept();
    const patient = JSON.stringify(patientOf('910007'));
    const refused: readonly [number, string, Promise<Answered>][] = [
      [401, 'login', call('POST', '/fhir/Patient', patient, { roles: null })],
      [403, 'forbidden', call('POST', '/fhir/Patient', patient, { roles: ['subscriber'] })],
      [415, 'not-supported', call('POST', '/fhir/Patient', '<Patient xmlns="http://hl7.org/fhir"/>', { type: 'application/fhir+xml' })],
      [415, 'not-supported', call('POST', '/fhir/Patient', patient, { headers: { 'content-encoding': 'gzip' } })],
      [413, 'too-long', call('POST', '/fhir/Patient', ' '.repeat(16 * 1024 * 1024 + 1))],
      [405, 'not-supported', call('GET', '/fhir/Patient/p-910002')],
      [405, 'not-supported', call('GET', '/fhir/Patient?name=kim')],
      [405, 'not-supported', call('DELETE', '/fhir/Patient/p-910002')],
      [404, 'not-found', call('POST', '/fhir/Patient/p-910002/$everything', '{}')],
    ];
    for (const [status, code, answer] of refused) expect(await answer).toMatchObject({ status, type: expect.stringMatching(/^application\/fhir\+json/) as string, body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] } });
    expect(await kept()).toBe(before);
  });

  it('says that nothing is stored, and the same again is taken', async () => {
    const patient = JSON.stringify(patientOf('910010'));
    await intake.sql.query('alter table log_head rename to log_head_away');
    const lost = await call('POST', '/fhir/Patient', patient);
    await intake.sql.query('alter table log_head_away rename to log_head');
    expect(lost).toMatchObject({ status: 503, type: 'application/fhir+json; charset=utf-8', body: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'transient' }] } });
    expect((await call('POST', '/fhir/Patient', patient)).status).toBe(201);
  });

  it('takes a bundle of several megabytes', async () => {
    const more = Array.from({ length: 400 }, (_, n) => ({ ...medicineOf('910008'), id: `rx-${n}`, note: [{ text: 'x'.repeat(15_000) }] }));
    const { status, body } = await send('POST', '/fhir', transactionOf(patientOf('910008'), ...more));
    expect([status, (body['entry'] as readonly object[]).length]).toEqual([200, 401]);
  });

  it('is on record with everybody whom it is about', async () => {
    const { status, body } = await send('POST', '/fhir', transactionOf(patientOf('910021'), patientOf('910022'), encounterOf('910022')));
    expect(status).toBe(200);
    await intake.quiet();
    const { rows } = await intake.sql.query<{ value: string }>(
      `select i.value from audit a join identifier i on i.patient_id = a.patient_id and i.kind = 'record-number' where a.resource = 'inbound' and a.subject = $1 order by i.value`,
      [(body as unknown as { id: string }).id],
    );
    expect(rows.map(({ value }) => value)).toEqual(['910021', '910022']);
  });

  it('is on record: who sent it, counted by its answer', async () => {
    const { rows } = await intake.sql.query<{ actor: string; n: string }>(`select actor, count(*) as n from audit where resource = 'message' and action = 'change' and outcome = 'allowed' group by actor`);
    expect(Number(rows[0]?.n)).toBeGreaterThan(5);
    const metrics = await (await fetch(`${intake.service.url}/metrics`)).text();
    expect(metrics).toMatch(/accepted_total\{[^}]*channel="fhir",answer="AA"[^}]*\} [1-9]/);
  });
});
