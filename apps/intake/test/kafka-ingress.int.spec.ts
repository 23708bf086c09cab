import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answered } from '@throughline/contracts/ingress';
import type { Bus } from '@throughline/platform/bus/bus';
import { KafkaBus } from '@throughline/platform/bus/kafka-bus';
import { bootService, migrateService } from '@throughline/platform/service/boot';
import type { RunningService } from '@throughline/platform/service/boot-ports';
import { createLogger } from '@throughline/platform/telemetry/logger';
import { eventually } from '@throughline/testing/bus-recorder';
import { adt } from '@throughline/testing/hl7-builder';
import { freePort } from '@throughline/testing/system';
import { TcpCut } from '@throughline/testing/tcp-cut';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import { testIssuer, type TestIssuer } from '@throughline/testing/test-issuer';
import { ownKafka, type TestKafka } from '@throughline/testing/test-kafka';
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import pg from 'pg';
import { intake } from '../src/intake.module.js';

const SOURCE = 'NORTHSHORE-EHR';
const logger = createLogger({ service: 'intake', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

interface Row {
  readonly control_id: string;
  readonly protocol: string;
  readonly answer: string;
  readonly raw: Buffer;
  readonly arrivals: number;
}

const bodyOf = (visit: string, more: object = {}) => ({
  sender: SOURCE,
  patient: { identifiers: [{ value: `9${visit}`, authority: 'NSH', type: 'MR' }], family: 'Reed', given: 'Sam' },
  encounter: { visitNumber: `V${visit}`, class: 'I', facility: { code: 'NORTH' } },
  dischargedAt: '2026-11-20T15:30:00-05:00',
  ...more,
});

const event = (id: string, data: unknown, more: { type?: string; key?: string; media?: string; headers?: Record<string, string> } = {}): Message => ({
  key: more.key ?? 'one-patient',
  value: typeof data === 'string' || Buffer.isBuffer(data) ? data : JSON.stringify(data),
  headers: {
    ce_specversion: '1.0', ce_id: id, ce_source: SOURCE, ce_type: more.type ?? 'care.ingress.discharge.v1', 'content-type': more.media ?? 'application/json', ...more.headers,
  },
});

describe('what systems send over Kafka', () => {
  let kafka: TestKafka;
  let database: TestDatabase;
  let issuer: TestIssuer;
  let storage: TcpCut;
  let env: Record<string, string>;
  let service: RunningService;
  let bus: Bus;
  let producer: Producer;
  let sql: pg.Client;

  const send = (...messages: Message[]) => producer.send({ topic: 'ingress', messages });
  const boot = async (): Promise<void> => {
    service = await bootService(intake, { env, logger });
    await eventually(async () => (await service.ready()).ok && (await unwell()) === undefined, 'intake is ready, and its ingress with it');
  };
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${await issuer.token({ roles: ['operator'] })}`, ...(body ? { 'content-type': 'application/json', 'idempotency-key': randomUUID() } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (response.status >= 300) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const unwell = async (): Promise<string | undefined> => {
    const response = await fetch(`${service.url}/readyz`);
    return ((await response.json()) as { degraded: string[] }).degraded.find((reason) => reason.startsWith('ingress'));
  };
  const answers = async (): Promise<(Answered & { key: string | null; eventId: string })[]> => {
    const found = [];
    for (const { partition, low, high } of await bus.spans('ingress-answers'))
      for (let at = low; at < high; ) {
        const records = await bus.read('ingress-answers', partition, at, 200);
        found.push(...records.map(({ key, value, headers }) => ({ key, eventId: headers['ce_id']!, ...(JSON.parse(value!) as Answered) })));
        at = records.at(-1)!.offset + 1;
      }
    return found;
  };
  const answersTo = async (...ids: string[]): Promise<Answered[]> => {
    const of = async () => (await answers()).filter(({ id }) => ids.includes(id));
    await eventually(async () => new Set((await of()).map(({ id }) => id)).size === new Set(ids).size, `all of ${ids.length} are answered`, 60_000);
    return of();
  };
  const rows = async (like: string): Promise<Row[]> => (await sql.query<Row>('select control_id, protocol, answer, raw, arrivals from inbound where control_id like $1 order by received_at', [like])).rows;
  const outcomes = async (like: string): Promise<string[]> => {
    const of = async () => (await sql.query<{ outcome: string | null }>('select o.outcome from inbound i left join inbound_outcome o using (id) where i.control_id like $1 order by i.received_at', [like])).rows.map((row) => row.outcome);
    await eventually(async () => (await of()).every((outcome) => outcome !== null), 'all are decided');
    return (await of()) as string[];
  };

  beforeAll(async () => {
    [kafka, database, issuer] = await Promise.all([ownKafka(), testDatabase(), testIssuer()]);
    const url = new URL(database.url);
    storage = await TcpCut.to(Number(url.port));
    url.port = String(storage.port);
    env = {
      THROUGHLINE_MODE: 'distributed', THROUGHLINE_BUS: 'kafka', THROUGHLINE_KAFKA_BROKERS: kafka.brokers.join(','), THROUGHLINE_JOBS: 'postgres',
      THROUGHLINE_DATABASE_URL: url.toString(), THROUGHLINE_ISSUER: issuer.url, THROUGHLINE_MLLP_PORT: String(await freePort()), THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests',
    };
    await migrateService(intake, env);
    bus = new KafkaBus({ brokers: kafka.brokers, clientId: 'test' });
    await bus.ensureTopics(['ingress', 'ingress-answers']);
    producer = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    sql = new pg.Client({ connectionString: database.url, options: '-c search_path=intake' });
    await sql.connect();
    await boot();
  }, 180_000);
  afterAll(async () => {
    await service?.stop();
    await producer?.disconnect();
    await bus?.close();
    await sql?.end();
    storage?.close();
    await Promise.all([kafka?.stop(), issuer?.stop(), database?.drop()]);
  }, 60_000);

  it('is stored, answered under its key, and becomes what it would be by any other door', async () => {
    await send(
      event('valid-1', bodyOf('100')),
      { key: 'other-key', headers: { 'content-type': 'application/cloudevents+json' }, value: JSON.stringify({ specversion: '1.0', id: 'valid-2', source: SOURCE, type: 'care.ingress.prescription.v1', data: { sender: SOURCE, patient: bodyOf('100').patient, encounter: { visitNumber: 'V100' }, orderId: 'O-1', medicine: { text: 'Furosemide 40 mg tablet' } } }) },
      event('valid-3', Buffer.from(adt('A03', { controlId: 'MSG-3', mrn: '700003', visit: 'V700003', dischargedAt: '20261120153000-0500' })), { type: 'care.ingress.hl7v2.v1', media: 'text/plain' }),
    );
    const told = await answersTo('valid-1', 'valid-2', 'valid-3');
    expect(told.map(({ answer, repeat }) => [answer, repeat])).toEqual([['AA', false], ['AA', false], ['AA', false]]);
    expect(told).toContainEqual(expect.objectContaining({ id: 'valid-2', source: SOURCE, key: 'other-key' }));
    expect(await outcomes('valid-%')).toEqual(['discharge', 'prescription']);
    expect(await outcomes('MSG-3')).toEqual(['discharge']);
    expect((await rows('MSG-3'))[0]).toMatchObject({ protocol: 'hl7v2' });
  }, 60_000);

  it('is known when it comes again', async () => {
    await send(event('valid-1', bodyOf('100')));
    await eventually(async () => (await answers()).filter(({ id }) => id === 'valid-1').length === 2, 'the repeat is answered');
    const [first, again] = (await answers()).filter(({ id }) => id === 'valid-1');
    expect(again).toMatchObject({ answer: 'AA', repeat: true, inboundId: first!.inboundId });
    expect(await outcomes('valid-1')).toEqual(['discharge']);
    expect((await rows('valid-1'))[0]).toMatchObject({ arrivals: 2 });
  }, 60_000);

  it('that cannot be read is kept with the reasons and answered, and holds nothing up', async () => {
    await send(
      event('around-1', bodyOf('201')),
      { key: 'one-patient', value: 'no event at all' },
      { key: 'one-patient', value: null },
      event('poison-json', '{"sender": Ada'),
      event('poison-field', bodyOf('202', { shoeSize: 43 })),
      event('poison-sender', bodyOf('203', { sender: 'SOMEBODY-ELSE' })),
      event('poison-type', bodyOf('204'), { type: 'care.ingress.unheard-of.v1' }),
      event('poison-hl7', 'MSH|^~\\&|EHR|NSH|||20261120||ADT^A03|HL7-P|P|2.5.1\rEVN|A03|20261120\r', { type: 'care.ingress.hl7v2.v1', media: 'text/plain' }),
      event('poison-nul', bodyOf('205', { destination: 'a\u0000b' })),
      event('around-2', bodyOf('206')),
    );
    const told = await answersTo('around-1', '', 'poison-json', 'poison-field', 'poison-sender', 'poison-type', 'poison-hl7', 'poison-nul', 'around-2');
    expect(Object.fromEntries(told.map(({ id, answer }) => [id, answer]))).toEqual({
      'around-1': 'AA', '': 'AE', 'poison-json': 'AE', 'poison-field': 'AE', 'poison-sender': 'AE', 'poison-type': 'AR', 'poison-hl7': 'AE', 'poison-nul': 'AE', 'around-2': 'AA',
    });
    expect(told.filter(({ id }) => id === '')).toHaveLength(2);
    expect(told.filter(({ answer }) => answer !== 'AA').every(({ reasons }) => reasons!.length > 0)).toBe(true);
    expect(JSON.stringify(told)).not.toMatch(/Ada|Reed|shoeSize|SOMEBODY/);
    expect((await rows('poison-field'))[0]).toMatchObject({ protocol: 'cloudevents', answer: 'AE' });
    expect((await rows('poison-field'))[0]!.raw.toString()).toContain('"shoeSize":43');
    expect((await rows('')).map(({ raw }) => raw.toString()).sort()).toEqual(['', 'no event at all']);
    expect(await outcomes('around-%')).toEqual(['discharge', 'discharge']);
    // An operator reads it again, by today's version: it is as unreadable as before, on the same row.
    const { inboundId } = told.find(({ id }) => id === 'poison-field')!;
    expect(await call('POST', `/api/intake/inbound/${inboundId}/replay`, {})).toMatchObject({ inboundId, answer: 'AE', reasons: [{ where: 'data' }] });
  }, 60_000);

  it('is decided in the order of its partition', async () => {
    const times = Array.from({ length: 60 }, (_, n) => `2026-11-19T${String(10 + Math.floor(n / 6)).padStart(2, '0')}:${n % 6}5:00Z`);
    await send(...times.map((dischargedAt, n) => event(`ordered-${n}`, bodyOf('300', { dischargedAt }))));
    await answersTo(...times.map((_, n) => `ordered-${n}`));
    expect(await outcomes('ordered-%')).toEqual(['discharge', ...times.slice(1).map(() => 'correction')]);
    const [row] = (await sql.query<{ at: string }>(`select body -> 'published' ->> 'dischargedAt' as at from discharge d join inbound_outcome o on o.discharge_id = d.id join inbound i on i.id = o.id where i.control_id = 'ordered-0'`)).rows;
    expect(row!.at).toBe(new Date(times.at(-1)!).toISOString());
  }, 60_000);

  it('waits while nothing can be stored, and says so; then it goes on where it stood', async () => {
    storage.refuse();
    const ids = Array.from({ length: 40 }, (_, n) => `waiting-${n}`);
    await send(...ids.map((id, n) => event(id, bodyOf(`4${n}`), { key: `key-${n}` })));
    await eventually(async () => (await unwell()) !== undefined, 'the ingress says that it waits', 60_000);
    expect((await answers()).filter(({ id }) => id.startsWith('waiting-'))).toEqual([]);
    await storage.accept();
    const told = await answersTo(...ids);
    expect(told.every(({ answer }) => answer === 'AA')).toBe(true);
    expect(await rows('waiting-%')).toHaveLength(40);
    expect(await outcomes('waiting-%')).toEqual(ids.map(() => 'discharge'));
    await eventually(async () => (await unwell()) === undefined, 'all is well again', 60_000);
  }, 180_000);

  it('is stored once each while connections to the database break in the middle of the stream', async () => {
    const ids = Array.from({ length: 300 }, (_, n) => `broken-${n}`);
    const sending = (async () => {
      for (let from = 0; from < ids.length; from += 10) {
        await send(...ids.slice(from, from + 10).map((id, n) => event(id, bodyOf(`8${from + n}`), { key: `key-${n}` })));
        await delay(20);
      }
    })();
    for (const seen of [20, 80, 140]) {
      await eventually(async () => (await rows('broken-%')).length > seen, 'the stream flows');
      storage.reset();
      storage.refuse();
      await delay(300);
      await storage.accept();
    }
    await sending;
    expect((await answersTo(...ids)).every(({ answer }) => answer === 'AA')).toBe(true);
    expect(await rows('broken-%')).toHaveLength(300);
    expect(await outcomes('broken-%')).toEqual(ids.map(() => 'discharge'));
  }, 180_000);

  it('is not lost and not done twice when intake stops in the middle, nor when it does not know how far it came', async () => {
    const ids = Array.from({ length: 600 }, (_, n) => `restart-${n}`);
    const sending = (async () => {
      for (let from = 0; from < ids.length; from += 20) {
        await send(...ids.slice(from, from + 20).map((id, n) => event(id, bodyOf(`5${from + n}`), { key: `key-${n}` })));
        await delay(5);
      }
    })();
    await eventually(async () => (await rows('restart-%')).length > 50, 'the stream flows');
    await service.stop();
    expect((await rows('restart-%')).length).toBeLessThan(600);
    await sending;
    // As if it had died before it noted how far it came: everything is read again.
    await sql.query(`update position set next_offset = 0, last_event_id = null where topic = 'ingress'`);
    await boot();
    await answersTo(...ids);
    await eventually(async () => (await call<{ lag: number; backlog: number }>('GET', '/api/intake/ledger/quiet')).lag === 0, 'everything is read', 60_000);
    expect(await rows('restart-%')).toHaveLength(600);
    expect(await outcomes('restart-%')).toEqual(ids.map(() => 'discharge'));
    expect(await outcomes('valid-%')).toEqual(['discharge', 'prescription']);
    const { rows: discharges } = await sql.query<{ n: number }>(`select count(*)::int as n from discharge`);
    expect(discharges[0]!.n).toBe((await sql.query<{ n: number }>(`select count(distinct discharge_id)::int as n from inbound_outcome`)).rows[0]!.n);
    // Answers of one record have one id, however often it was read.
    const told = (await answers()).filter(({ id }) => id.startsWith('restart-'));
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(600);
  }, 180_000);

  it('is not passed over when the topic is made anew: an operator says where reading goes on', async () => {
    const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await service.stop();
    await admin.deleteTopics({ topics: ['ingress'] });
    await eventually(async () => !(await admin.listTopics()).includes('ingress'), 'the topic is gone');
    await admin.disconnect();
    await eventually(() => bus.ensureTopics(['ingress']).then(() => true, () => false), 'the topic is there again');
    await producer.disconnect();
    await producer.connect();
    await eventually(() => send(event('anew-1', bodyOf('900'))).then(() => true, () => false), 'the new topic takes events');
    service = await bootService(intake, { env, logger });
    await eventually(async () => /outside|other-record/.test((await unwell()) ?? ''), 'the ingress says that position and log disagree', 60_000);
    expect(await rows('anew-1')).toEqual([]);
    const { items } = await call<{ items: { topic: string; mismatch: string | null }[] }>('GET', '/api/intake/positions');
    expect(items.some(({ topic, mismatch }) => topic === 'ingress' && mismatch !== null)).toBe(true);
    await call('POST', '/api/intake/positions/reset', { topic: 'ingress', to: 'earliest' });
    // Read twice where the operator's word came in between, it is taken once.
    const [first, ...again] = await answersTo('anew-1');
    expect(first).toMatchObject({ answer: 'AA', repeat: false });
    expect(again.filter(({ repeat }) => !repeat)).toEqual([]);
    await eventually(async () => (await unwell()) === undefined, 'all is well again', 60_000);
  }, 180_000);
});
