import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { FixedClock } from '@throughline/testing/fixed-clock';
import { adt, mdm, numbered } from '@throughline/testing/hl7-builder';
import { MllpClient } from '@throughline/testing/mllp-client';
import { standingGround, until, type Ground, type StandingService } from '@throughline/testing/standing-service';
import { freePort } from '@throughline/testing/system';
import { intake } from '../src/intake.module.js';
import { clinicalDocument, entry, medicine, section } from './ccda-document.js';
import { FhirSourcePeer, type Behaviour, type Resource } from './fhir-source-peer.js';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const TOKEN = 'a token of the tests';
const operator = { as: { sub: 'operator-1', roles: ['operator'] } };

/** The person and the stay of `numbered(n)`, as the hospital's own server has them. */
const patient = (n = 1): Resource => ({ resourceType: 'Patient', id: `p${n}`, identifier: [{ system: 'NSH', value: String(800_000 + n) }], name: [{ family: `Testperson${n}` }] });
const encounter = (id: string, visit: string | undefined, start: string, end: string): Resource => ({
  resourceType: 'Encounter', id, status: 'finished', period: { start, end }, ...(visit === undefined ? {} : { identifier: [{ system: 'urn:oid:2.999.1', value: visit }] }),
});
const summary = (id: string, of: { n?: number; encounter?: string; more?: object }): Resource => ({
  resourceType: 'DocumentReference', id, meta: { versionId: '1', lastUpdated: '2026-03-05T23:00:00Z' }, status: 'current', docStatus: 'final', date: '2026-03-05T22:00:00Z',
  type: { coding: [{ system: 'http://loinc.org', code: '18842-5', display: 'Discharge summary' }] }, subject: { reference: `Patient/p${of.n ?? 1}` },
  ...(of.encounter === undefined ? {} : { context: { encounter: [{ reference: `Encounter/${of.encounter}` }] } }),
  content: [{ attachment: { contentType: 'text/plain', url: `Binary/${id}` } }], ...of.more,
});

describe('the search for discharge summaries, against a FHIR server', () => {
  let ground: Ground;
  let clock: FixedClock;
  let peer: FhirSourcePeer;
  let service: StandingService;
  let mllpPort: number;

  const start = async (env: Record<string, string> = { THROUGHLINE_SUMMARY_SOURCE: peer.url }): Promise<void> => {
    mllpPort = await freePort();
    service = await ground.start(intake, {
      THROUGHLINE_MLLP_PORT: String(mllpPort), THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests',
      THROUGHLINE_SUMMARY_SOURCE_TOKEN: TOKEN, THROUGHLINE_SUMMARY_SOURCE_TIMEOUT_SECONDS: '1', ...env,
    });
  };
  const send = async (message: string): Promise<void> => {
    const client = await MllpClient.connect(mllpPort);
    expect(await client.send(message)).toMatchObject({ code: 'AA' });
    client.socket.destroy();
    await until('it is decided', async () => (await service.rows('select 1 from inbound i where not exists (select 1 from inbound_outcome o where o.id = i.id)')).length === 0);
  };
  interface Chase { status: string; queries: number; dueAt: string | null; lastResult: string | null; patientId: string; dischargeId: string }
  const chases = async (query = ''): Promise<readonly Chase[]> => ((await (await service.ask(`/api/intake/summary-chases${query}`, operator)).json()) as { items: Chase[] }).items;
  const settled = (queries: number): Promise<Chase> => until(`query ${queries} is settled`, async () => (await chases()).find((one) => one.queries === queries && one.lastResult !== null));
  /** Goes to the rung that is due so many milliseconds after the discharge was recorded, and waits for what comes of it. */
  const rung = async (ms: number, queries: number): Promise<Chase> => {
    await service.advance(Date.parse('2026-03-05T17:00:00Z') + ms - clock.now().getTime());
    return settled(queries);
  };
  const documents = async () => (await service.published()).filter(({ type }) => type === 'care.document.received.v1').map(({ data }) => data);

  beforeEach(async () => {
    peer = await FhirSourcePeer.start();
    clock = new FixedClock('2026-03-05T17:00:00Z');
    ground = await standingGround(clock);
    await start();
    peer.keep(patient(1), patient(2), encounter('e1', 'V800001', '2026-03-02T08:15:00-05:00', '2026-03-05T11:20:00-05:00'), encounter('e0', 'V799999', '2026-01-02', '2026-01-05'));
  });
  afterEach(async () => {
    await ground.stop();
    await peer.stop();
  });

  it('asks at every rung, on record each time, and gives up after the last', async () => {
    await service.stop();
    // What is due later than a day is armed by the sweep, which goes by the real clock.
    await start({ THROUGHLINE_SUMMARY_SOURCE: peer.url, THROUGHLINE_SUMMARY_CHASE: 'PT5M,PT30M,PT4H,P1D,P2D,P3D' });
    await send(adt('A03', numbered(1)));
    expect(await chases()).toMatchObject([{ status: 'waiting', queries: 0, dueAt: '2026-03-05T17:05:00.000Z', lastResult: null }]);
    for (const [n, ms] of [5 * MINUTE, 30 * MINUTE, 240 * MINUTE, DAY, 2 * DAY].entries()) expect(await rung(ms, n + 1)).toMatchObject({ status: 'waiting', lastResult: 'nothing-found' });
    expect(await rung(3 * DAY, 6)).toMatchObject({ status: 'given-up', dueAt: null, lastResult: 'nothing-found' });
    await service.advance(30 * DAY);
    expect(peer.asked).toHaveLength(6);
    expect(new Set(peer.asked).size).toBe(1);
    expect(peer.asked[0]).toMatch(/^\/fhir\/DocumentReference\?patient\.identifier=NSH\|800001&type=http:\/\/loinc\.org\|18842-5(,http:\/\/loinc\.org\|[\d-]+)*&status=current&_count=20$/);
    expect(new Set(peer.headers.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    const [{ patientId, dischargeId }] = (await chases('?status=given-up')) as [Chase];
    expect(await chases('?status=waiting')).toEqual([]);
    const told = await service.rows(`select actor, resource, patient_id, subject from audit where action = 'disclose'`);
    expect(told).toEqual(Array.from({ length: 6 }, () => ({ actor: 'service:intake', resource: 'summary-source', patient_id: patientId, subject: dischargeId })));
    expect(await (await service.ask('/metrics')).text()).toMatch(/throughline_summary_queries_total\{result="nothing-found",service="intake"\} 6/);
    expect(ground.lines.join()).not.toMatch(/800001|Testperson|a token of/);
  });

  it('takes the summary through the ordinary door when the source has it, and asks no more', async () => {
    await send(adt('A03', numbered(1)));
    await rung(5 * MINUTE, 1);
    peer.keep(summary('d1', { encounter: 'e1' }), summary('d0', { encounter: 'e0', more: { date: '2026-03-06T00:00:00Z' } }));
    peer.texts.set('Binary/d1', { contentType: 'text/plain', text: 'A made-up summary.' });
    expect(await rung(30 * MINUTE, 2)).toMatchObject({ lastResult: 'found' });
    await until('it is received', async () => (await chases('?status=received')).length === 1);
    const [discharge] = (await service.published()).filter(({ type }) => type === 'care.discharge.recorded.v1');
    expect(await documents()).toMatchObject([
      { dischargeSummary: true, withContent: true, withdrawn: false, encounterId: discharge!.data['encounterId'], patientId: discharge!.data['patientId'], number: 'DocumentReference/d1', source: expect.stringMatching(/^fhir:127\.0\.0\.1:\d+$/) as string, writtenAt: '2026-03-05T22:00:00.000Z' },
    ]);
    const [kept] = await service.rows<{ raw: Buffer; trigger: string; protocol: string }>(`select raw, trigger, protocol from inbound where sender like 'fhir:%'`);
    const raw = JSON.parse(kept!.raw.toString()) as { content: { attachment: { data: string } }[] };
    expect([kept!.protocol, kept!.trigger, Buffer.from(raw.content[0]!.attachment.data, 'base64').toString()]).toEqual(['fhir', 'DocumentReference', 'A made-up summary.']);
    await service.advance(30 * DAY);
    expect(await chases()).toMatchObject([{ status: 'received', queries: 2 }]);
  });

  it.each<[string, Resource, string]>([
    ['of another stay of the patient', summary('d', { encounter: 'e0' }), 'other-stay'],
    ['that names no stay', summary('d', {}), 'other-stay'],
    ['of somebody whose number the source changed since', summary('d', { n: 2, encounter: 'e1' }), 'other-patient'],
    ['that is a draft', summary('d', { encounter: 'e1', more: { docStatus: 'preliminary' } }), 'not-final'],
    ['without its text', summary('d', { encounter: 'e1', more: { content: [{ attachment: { contentType: 'text/plain' } }] } }), 'no-content'],
    ['whose text is on another server', summary('d', { encounter: 'e1', more: { content: [{ attachment: { url: 'http://elsewhere.example/Binary/d' } }] } }), 'elsewhere'],
    ['whose text is too large', summary('d', { encounter: 'e1' }), 'too-large'],
  ])('does not take a summary %s', async (_what, document, result) => {
    peer.texts.set('Binary/d', { contentType: 'text/plain', text: 'x'.repeat(6 * 1024 * 1024) });
    // A server that answers with more than it was asked for.
    if (result === 'other-patient') peer.behaviour = { body: JSON.stringify({ resourceType: 'Bundle', type: 'searchset', entry: [{ resource: document }] }) };
    else peer.keep(document);
    await send(adt('A03', numbered(1)));
    expect(await rung(5 * MINUTE, 1)).toMatchObject({ status: 'waiting', lastResult: result });
    expect(await documents()).toEqual([]);
  });

  it('reads what a C-CDA says: the medicines at discharge come with it', async () => {
    const xml = clinicalDocument({ sections: [section('10183-2', entry(medicine('')))] });
    peer.keep(summary('d', { encounter: 'e1', more: { content: [{ attachment: { contentType: 'application/xml', data: Buffer.from(xml).toString('base64') } }] } }));
    await send(adt('A03', numbered(1)));
    await rung(5 * MINUTE, 1);
    await until('it is received', async () => (await chases('?status=received')).length === 1);
    const told = await service.published();
    const [discharge] = told.filter(({ type }) => type === 'care.discharge.recorded.v1');
    expect(told.filter(({ type }) => type === 'care.prescription.added.v1').map(({ data }) => [data['dischargeId'], data['source']])).toEqual([[discharge!.data['dischargeId'], expect.stringMatching(/^fhir:/)]]);
    expect(await documents()).toHaveLength(1);
  });

  it('takes one by its days where its numbers say nothing', async () => {
    peer.keep(encounter('e9', undefined, '2026-03-02', '2026-03-05'), summary('d', { encounter: 'e9', more: { content: [{ attachment: { contentType: 'text/plain', data: 'QQ==' } }] } }));
    await send(adt('A03', numbered(1)));
    expect(await rung(5 * MINUTE, 1)).toMatchObject({ lastResult: 'found' });
    await until('it is received', async () => (await chases('?status=received')).length === 1);
  });

  it.each<[string, Behaviour]>([
    ['timeout', 'hang'], ['source-error', { status: 503 }], ['unauthorised', { status: 401 }], ['not-found', { status: 404 }], ['refused', { status: 400 }],
    ['unreadable', { body: '<html>' }], ['refused', { body: '{"resourceType":"OperationOutcome"}' }], ['redirected', { location: 'http://127.0.0.1:1/' }],
  ])('says %s, is degraded, and asks again at the next rung', async (result, behaviour) => {
    peer.behaviour = behaviour;
    await send(adt('A03', numbered(1)));
    expect(await rung(5 * MINUTE, 1)).toMatchObject({ status: 'waiting', lastResult: result, dueAt: '2026-03-05T17:30:00.000Z' });
    const ready = await service.ask('/readyz');
    expect([ready.status, ((await ready.json()) as { degraded: string[] }).degraded]).toEqual([200, [`summary-source: summaries cannot be asked for: ${result}`]]);
    peer.behaviour = 'answer';
    expect(await rung(30 * MINUTE, 2)).toMatchObject({ lastResult: 'nothing-found' });
    expect(((await (await service.ask('/readyz')).json()) as { degraded: string[] }).degraded).toEqual([]);
  });

  it('signs for itself where the source knows it by a key (SMART Backend Services)', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
    const folder = await mkdtemp(join(tmpdir(), 'summary-key-'));
    await writeFile(join(folder, 'key.json'), JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'one' }));
    peer.smart = { clientId: 'throughline', publicKey: await exportJWK(publicKey), now: () => clock.now() };
    await service.stop();
    const env = { THROUGHLINE_SUMMARY_SOURCE: peer.url, THROUGHLINE_SUMMARY_SOURCE_TOKEN: '', THROUGHLINE_SUMMARY_SOURCE_KEY: join(folder, 'key.json') };
    await start({ ...env, THROUGHLINE_SUMMARY_SOURCE_CLIENT_ID: 'throughline' });
    await rm(folder, { recursive: true });
    for (const n of [1, 2]) await send(adt('A03', numbered(n)));
    const both = async (ms: number, n: number): Promise<readonly unknown[]> => {
      await rung(ms, n);
      await until('both are settled', async () => (await chases()).every(({ queries, lastResult }) => queries === n && lastResult !== null));
      return [...(await chases()).map(({ lastResult }) => lastResult), peer.tokens];
    };
    // A token lives five minutes, and is used for as long.
    expect(await both(5 * MINUTE, 1)).toEqual(['nothing-found', 'nothing-found', 1]);
    expect(await both(30 * MINUTE, 2)).toEqual(['nothing-found', 'nothing-found', 2]);
    peer.smart = { ...peer.smart, clientId: 'somebody else' };
    expect(await rung(240 * MINUTE, 3)).toMatchObject({ lastResult: 'unauthorised' });
    expect(ground.lines.join()).not.toMatch(/access-\d/);
  });

  it('stops for a summary that comes by itself, for a cancelled discharge, and for one that left to inpatient care', async () => {
    await send(adt('A03', numbered(1)));
    await send(adt('A03', numbered(2)));
    await send(adt('A03', numbered(3)));
    await send(mdm('T02', { mrn: '800001', visit: 'V800001', family: 'Testperson1' }));
    await send(adt('A13', numbered(2, { recordedAt: '20260305114000-0500' })));
    await send(adt('A08', numbered(3, { recordedAt: '20260305114000-0500', disposition: '02' })));
    await service.advance(30 * DAY);
    expect([(await chases()).map(({ status }) => status).sort(), peer.searches]).toEqual([['not-needed', 'not-needed', 'received'], 0]);
  });

  it('goes on after a stop in the middle of a query, at the next rung', async () => {
    await send(adt('A03', numbered(1)));
    peer.behaviour = 'hang';
    await service.advance(5 * MINUTE);
    await until('it was asked', () => Promise.resolve(peer.searches === 1));
    await service.stop();
    peer.behaviour = 'answer';
    await start();
    expect(await rung(30 * MINUTE, 2)).toMatchObject({ status: 'waiting', lastResult: 'nothing-found' });
  });

  it('makes up by one query for a long standstill', async () => {
    await send(adt('A03', numbered(1)));
    await service.stop();
    clock.advance(DAY + MINUTE);
    await start();
    expect(await settled(1)).toMatchObject({ status: 'waiting', dueAt: '2026-03-07T17:00:00.000Z', lastResult: 'nothing-found' });
  });

  it('keeps nothing and asks nobody without a source, or for old news', async () => {
    await send(adt('A03', numbered(1, { dischargedAt: '20260228112000-0500' })));
    await service.stop();
    await start({});
    await send(adt('A03', numbered(2)));
    expect(await chases()).toEqual([]);
  });
});
