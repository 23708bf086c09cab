import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { OtlpReceiver, type ReceivedSpan } from '@throughline/testing/otlp-receiver';
import { smtpPeer, type SmtpPeer } from '@throughline/testing/smtp-peer';
import { eventually, root, System } from '@throughline/testing/system';
import pg from 'pg';
import { fiveOpen, Stay } from '../src/stories/ward.js';

const SERVICES = ['care-plan', 'intake', 'medication-reconciliation', 'notification', 'scheduling'];
const SDK = ['@opentelemetry/exporter-trace-otlp-http', '@opentelemetry/sdk-trace'];
const folder = mkdtempSync(join(tmpdir(), 'throughline-loaded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A system whose processes note what of OpenTelemetry they load. */
const start = async (env: Record<string, string>): Promise<{ system: System; loaded: () => readonly string[] }> => {
  const notes = join(folder, randomUUID());
  const hook = pathToFileURL(join(root, 'e2e/src/proofs/note-loaded.mjs')).href;
  const system = await System.start('embedded', { env: { OTEL_SDK_DISABLED: '', NOTE_LOADED: notes, NODE_OPTIONS: `--import=${hook}`, ...env } });
  return { system, loaded: () => [...new Set(readFileSync(notes, 'utf8').trim().split('\n'))].sort() };
};

/** The span, then its parent, and so on to where the trace begins. */
const upwards = (span: ReceivedSpan, spans: readonly ReceivedSpan[]): readonly string[] => {
  const parent = spans.find((one) => one.spanId === span.parentSpanId);
  return [`${span.service}: ${span.name}`, ...(parent ? upwards(parent, spans) : span.parentSpanId === undefined ? [] : ['outside'])];
};

describe('with a collector', () => {
  let receiver: OtlpReceiver;
  let mail: SmtpPeer;
  let system: System;
  let loaded: () => readonly string[];
  let stream: IncomingMessage;
  let streamed = '';
  let stay: Stay;
  let trace: readonly ReceivedSpan[];
  const controlIds: string[] = [];

  const ofTrace = (traceId: string): readonly ReceivedSpan[] => receiver.spans.filter((span) => span.traceId === traceId);
  const has = (spans: readonly ReceivedSpan[], service: string, name: string): boolean => spans.some((span) => span.service === service && span.name === name);

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    mail = await smtpPeer();
    ({ system, loaded } = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_BSP_SCHEDULE_DELAY: '200',
      THROUGHLINE_SMTP_URL: mail.url, THROUGHLINE_SMTP_FROM: 'throughline@synthetic.example', THROUGHLINE_TEAM_EMAIL: 'team@synthetic.example', THROUGHLINE_EMAIL_ON: 'opened',
    }));
    const token = await system.token('subscriber');
    stream = await new Promise<IncomingMessage>((resolve, reject) => void get(`${system.url}/api/notification/stream`, { headers: { authorization: `Bearer ${token}` } }, resolve).once('error', reject));
    stream.on('error', () => undefined).on('data', (chunk: Buffer) => (streamed += chunk.toString()));
    stay = new Stay(system);
    const message = stay.message('A03');
    controlIds.push(message.split('\r')[0]!.split('|')[9]!);
    expect((await stay.send(message)).code).toBe('AA');
    await stay.tasksWhen('five tasks', fiveOpen);
    await eventually('five notices on the stream', async () => streamed.split('care.task.opened.v1').length > 5);
    trace = await eventually('the whole trace', async () => {
      const first = receiver.spans.find((span) => span.name === 'mllp receive');
      const spans = first ? ofTrace(first.traceId) : [];
      const delivered = spans.filter((span) => span.name === 'send stream').length;
      return delivered === 5 && has(spans, 'notification', 'send e-mail') && has(spans, 'medication-reconciliation', 'process intake') && has(spans, 'scheduling', 'process care-plan') && spans;
    });
  }, 240_000);
  afterAll(async () => {
    stream?.destroy();
    await system?.discard();
    await mail?.stop();
    await receiver?.stop();
  }, 60_000);

  it('one message is one trace through all five services', () => {
    expect([...new Set(trace.map((span) => span.service))].sort()).toEqual(SERVICES);
    expect(trace.filter((span) => span.parentSpanId === undefined).map((span) => span.name)).toEqual(['mllp receive']);
    expect(trace.filter((span) => upwards(span, trace).at(-1) !== 'intake: mllp receive')).toEqual([]);
    expect(trace.filter((span) => span.failed)).toEqual([]);
  });

  it('from MLLP to the live stream, each the child of what made it', () => {
    for (const span of trace.filter((one) => one.name === 'send stream'))
      expect(upwards(span, trace)).toEqual(['notification: send stream', 'notification: process care-plan', 'care-plan: process intake', 'intake: process inbound', 'intake: mllp receive']);
    for (const service of ['care-plan', 'medication-reconciliation']) {
      const heard = trace.find((span) => span.service === service && span.name === 'process intake' && span.attributes['cloudevents.event_type'] === 'care.discharge.recorded.v1');
      expect(upwards(heard!, trace)).toEqual([`${service}: process intake`, 'intake: process inbound', 'intake: mllp receive']);
    }
    const asked = trace.find((span) => span.service === 'scheduling' && span.attributes['cloudevents.event_type'] === 'care.episode.opened.v1');
    expect(upwards(asked!, trace)).toEqual(['scheduling: process care-plan', 'care-plan: process intake', 'intake: process inbound', 'intake: mllp receive']);
    const mailed = trace.find((span) => span.name === 'send e-mail')!;
    expect(upwards(mailed, trace).slice(1)).toEqual(['notification: process care-plan', 'care-plan: process intake', 'intake: process inbound', 'intake: mllp receive']);
  });

  it('what leaves an outbox is a child of the handling that published it', () => {
    const sent = trace.filter((span) => /^send (intake|care-plan)$/.test(span.name));
    expect([...new Set(sent.map((span) => upwards(span, trace).slice(0, 2).join(' < ')))].sort()).toEqual(
      expect.arrayContaining(['intake: send intake < intake: process inbound', 'care-plan: send care-plan < care-plan: process intake']),
    );
    expect(sent.every((span) => span.kind === 4)).toBe(true);
  });

  it('a transaction that many share links to each of them, and they to it', () => {
    const handled = trace.filter((span) => span.name.startsWith('process '));
    for (const span of handled) {
      const batch = receiver.spans.find((one) => one.spanId === span.links[0]?.spanId);
      expect([batch?.name, batch?.service]).toEqual([span.name.replace('process', 'batch'), span.service]);
      expect(batch!.links.map((link) => link.spanId)).toContain(span.parentSpanId);
    }
    expect(handled.length).toBeGreaterThan(10);
  });

  it('the message is found by its control id, which is not readable', () => {
    const hash = createHash('sha256').update(controlIds[0]!).digest('hex').slice(0, 16);
    expect(trace.find((span) => span.name === 'mllp receive')!.attributes).toMatchObject({ 'throughline.hl7.message_type': 'ADT^A03', 'throughline.hl7.control_id_hash': hash, 'throughline.hl7.acknowledgement': 'AA' });
    for (const word of [controlIds[0]!, stay.family, stay.visit]) expect(receiver.bodies.join('')).not.toContain(word);
  });

  it('names no patient, not even by our own id', async () => {
    const patientId = await stay.patientId();
    await system.call('GET', `/api/care-plan/patients/${patientId}`, { as: 'nurse' });
    await eventually('the look at the patient', async () => receiver.spans.some((span) => span.name === 'GET /api/care-plan/patients/:id'));
    expect(receiver.bodies.join('')).not.toContain(patientId);
  });

  it('the alarm of a mail is a trace of its own, with a link to the thread that asked for it', async () => {
    const woken = await eventually('a job', async () => receiver.spans.find((span) => span.name === 'process job:message-lease' || span.name === 'process job:send-message'));
    expect([woken.service, woken.parentSpanId]).toEqual(['notification', undefined]);
    expect(woken.links.map((link) => link.traceId)).toEqual([trace[0]!.traceId]);
  });

  it("a caller's own trace goes on, from its request to the tasks", async () => {
    const traceId = randomUUID().replaceAll('-', '');
    const other = new Stay(system);
    const body = {
      sender: 'CLINIC', messageId: `d-${other.mrn}`, patient: { identifiers: [{ value: other.mrn, authority: 'CLINIC' }], family: other.family, given: 'Robin', birthDate: '1950-01-01' },
      encounter: { visitNumber: other.visit, class: 'I', facility: { code: 'NORTH' }, facilityZone: 'America/New_York' }, dischargedAt: other.leftAt.toISOString(), disposition: '01',
    };
    const sent = await system.call('POST', '/api/intake/discharges', { as: 'sender', body, headers: { 'idempotency-key': other.mrn, traceparent: `00-${traceId}-00000000000000aa-01` } });
    expect(sent.status).toBe(202);
    const told = await eventually('a notice of it', async () => ofTrace(traceId).find((span) => span.name === 'send stream'));
    expect(upwards(told, ofTrace(traceId))).toEqual(['notification: send stream', 'notification: process care-plan', 'care-plan: process intake', 'intake: process inbound', 'intake: POST /api/intake/discharges', 'outside']);
    expect(ofTrace(traceId).find((span) => span.kind === 2)!.attributes).toMatchObject({ 'http.request.method': 'POST', 'http.route': '/api/intake/discharges', 'http.response.status_code': 202 });
  });

  it('what is still held goes out at the stop, and the log leads to the trace', async () => {
    stream.destroy();
    expect(await system.stop()).toBe(0);
    expect(receiver.spans.find((span) => span.name === 'GET /api/notification/stream')!.attributes).toMatchObject({ 'throughline.outcome': 'client-left' });
    expect(loaded()).toEqual(expect.arrayContaining(SDK));
    const log = readFileSync(join(system.home, 'throughline.log'), 'utf8');
    expect(log).not.toContain('traces could not be sent');
    const conversation = trace.find((span) => span.name === 'mllp receive')!.attributes['messaging.message.conversation_id'];
    expect(log.split('\n').filter((line) => line.includes(`"correlationId":"${String(conversation)}"`) && line.includes('message answered'))).toHaveLength(1);
  }, 60_000);
});

describe.each<[string, (url: string) => Record<string, string>]>([
  ['without a word about traces', () => ({})],
  ['with a collector, and switched off', (url) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_SDK_DISABLED: 'true' })],
])('%s', (_what, envOf) => {
  it('nothing is sent, nothing is made, and nothing of it is loaded but the API', async () => {
    const receiver = await OtlpReceiver.start();
    const { system, loaded } = await start(envOf(receiver.url));
    const database = new pg.Client({ connectionString: String(system.instance()['databaseUrl']) });
    try {
      await database.connect();
      const stay = new Stay(system);
      await stay.sent('A03');
      await stay.tasksWhen('five tasks', fiveOpen);
      const traced = await database.query<{ n: number }>(
        `select (select count(*) from intake.inbound_log where traceparent is not null) + (select count(*) from care_plan.job_origin) + (select count(*) from bus.record where headers::text like '%traceparent%') as n,
                (select count(*) from intake.inbound_log) as all`,
      );
      expect(traced.rows).toEqual([{ n: '0', all: '1' }]);
    } finally {
      await database.end();
      expect(await system.stop()).toBe(0);
      await system.discard();
      await receiver.stop();
    }
    expect(receiver.bodies).toEqual([]);
    expect(loaded()).toEqual(['@opentelemetry/api']);
  }, 240_000);
});
