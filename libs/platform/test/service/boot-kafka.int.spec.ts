import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '@throughline/local-servers/kafka';
import { freePorts } from '@throughline/local-servers/ports';
import { Kafka as KafkaJs } from 'kafkajs';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import { testIssuer, type TestIssuer } from '@throughline/testing/test-issuer';
import { toyIntake, toyScheduling } from '@throughline/testing/toy-service';
import type { RunningService } from '../../src/service/boot-ports.js';
import { bootService } from '../../src/service/boot.js';
import { migrateService } from '../../src/service/migrate.js';
import { createLogger } from '../../src/telemetry/logger.js';

type Kafka = Awaited<ReturnType<typeof startKafka>>;

const folder = mkdtempSync(join(tmpdir(), 'throughline-kafka-'));
const lines: string[] = [];
const logger = createLogger({ service: 'test', to: { write: (line) => void lines.push(line) } });
let ports: number[];
let kafka: Kafka;
let database: TestDatabase;
let issuer: TestIssuer;
let intake: RunningService;
let scheduling: RunningService;

/** A broker of its own: this suite publishes on the services' real topics, and kills it. */
const broker = () => startKafka({ folder, port: ports[0]!, controllerPort: ports[1]! });
const env = (url = database.url) => ({
  THROUGHLINE_MODE: 'distributed',
  THROUGHLINE_BUS: 'kafka',
  THROUGHLINE_KAFKA_BROKERS: `127.0.0.1:${ports[0]}`,
  THROUGHLINE_JOBS: 'postgres',
  THROUGHLINE_DATABASE_URL: url,
  THROUGHLINE_ISSUER: issuer.url,
});

const eventually = async <T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> => {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await check().catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen; log:\n${lines.slice(-30).join('')}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const isReady = (service: RunningService) => eventually(`${service.name} ready`, async () => (await service.ready()).ok);
const record = async (service: RunningService, id: string) =>
  (await fetch(`${service.url}/api/intake/people`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await issuer.token({ roles: ['nurse'] })}`, 'content-type': 'application/json', 'idempotency-key': id },
    body: JSON.stringify({ id, family: 'Hill' }),
  })).status;
const hears = (id: string) =>
  eventually('the event is heard', async () => {
    const response = await fetch(`${scheduling.url}/api/scheduling/ledger?limit=200`, { headers: { authorization: `Bearer ${await issuer.token({ roles: ['operator'] })}` } });
    return ((await response.json()) as { items: { id: string }[] }).items.find((item) => item.id === id);
  });

beforeAll(async () => {
  ports = await freePorts(2);
  [kafka, database, issuer] = await Promise.all([broker(), testDatabase(), testIssuer()]);
  for (const definition of [toyIntake, toyScheduling]) await migrateService(definition as typeof toyIntake, env());
  [intake, scheduling] = await Promise.all([bootService(toyIntake, { env: env(), logger }), bootService(toyScheduling, { env: env(), logger })]);
  await Promise.all([isReady(intake), isReady(scheduling)]);
}, 120_000);
afterAll(async () => {
  await Promise.all([intake?.stop(), scheduling?.stop()]);
  await kafka.stop();
  await issuer.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

it('carries a command over Kafka into the other service', async () => {
  const id = randomUUID();
  expect(await record(intake, id)).toBe(201);
  await hears(id);
});

it('accepts while Kafka is away, and both recover by themselves', async () => {
  await kafka.stop();
  const id = randomUUID();
  expect(await record(intake, id)).toBe(201);
  kafka = await broker();
  await hears(id);
  await Promise.all([isReady(intake), isReady(scheduling)]);
}, 120_000);

it('does not serve from a database that is older than its own topic, and recovers at the operator\'s word', async () => {
  const known = randomUUID();
  expect(await record(intake, known)).toBe(201);
  await hears(known);
  const older = await testDatabase();
  await migrateService(toyIntake, env(older.url));
  const restored = await bootService(toyIntake, { env: env(older.url), logger });
  const ask = async (method: string, path: string, role: string, body?: object, headers: Record<string, string> = {}) => {
    const response = await fetch(`${restored.url}/api/intake/${path}`, {
      method,
      headers: { authorization: `Bearer ${await issuer.token({ roles: [role] })}`, 'content-type': 'application/json', ...headers },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  try {
    await eventually('noticed', async () => (await restored.ready()).reasons.join().includes('older copy'));
    expect(await record(restored, randomUUID())).toBe(503);
    expect(await ask('GET', 'recovery', 'operator')).toMatchObject({ status: 200, body: { state: 'needed', last: null } });
    expect((await ask('POST', 'recovery', 'nurse', {})).status).toBe(403);

    expect(await ask('POST', 'recovery', 'operator', {})).toMatchObject({ status: 202, body: { state: 'under-way' } });
    await isReady(restored);
    const { body } = await ask('GET', 'recovery', 'operator');
    expect(body).toMatchObject({ state: 'not-needed', last: { endedAt: expect.any(String) as string } });
    const { restored: applied, notRecovered } = body['last'] as { restored: number; notRecovered: number };
    expect(applied).toBe(notRecovered);
    expect((await ask('GET', 'recovery/losses?limit=200', 'operator')).body['items']).toContainEqual(expect.objectContaining({ subject: known, patientId: known, what: 'given name' }));
    expect((await ask('POST', 'recovery', 'operator', {})).status).toBe(409);

    // Known again at its version; what comes next is numbered past what was published before, so that its readers believe it.
    expect(await ask('GET', `people/${known}`, 'nurse')).toMatchObject({ status: 200, body: { family: 'Hill' } });
    expect((await ask('POST', `people/${known}/rename`, 'nurse', { family: 'Dale' }, { 'if-match': '"1"' })).status).toBe(200);
    await eventually('the later fact is believed', async () => {
      const response = await fetch(`${scheduling.url}/api/scheduling/ledger?limit=200`, { headers: { authorization: `Bearer ${await issuer.token({ roles: ['operator'] })}` } });
      return ((await response.json()) as { items: { id: string; outcome: string }[] }).items.some((item) => item.id === known && item.outcome === 'v2');
    });
  } finally {
    await restored.stop();
    await older.drop();
  }
  // The other database is an older copy in its turn, and is recovered in its turn.
  await intake.stop();
  intake = await bootService(toyIntake, { env: env(), logger });
  await eventually('noticed', async () => (await intake.ready()).reasons.join().includes('older copy'));
  const begun = await fetch(`${intake.url}/api/intake/recovery`, { method: 'POST', headers: { authorization: `Bearer ${await issuer.token({ roles: ['operator'] })}`, 'content-type': 'application/json' }, body: '{}' });
  expect(begun.status).toBe(202);
  await isReady(intake);
}, 120_000);

it('reads nothing of a topic that was made anew, and goes on after the operator\'s word', async () => {
  const before = Array.from({ length: 24 }, () => randomUUID());
  for (const id of before) await record(intake, id);
  await Promise.all(before.map(hears));
  const admin = new KafkaJs({ brokers: [`127.0.0.1:${ports[0]}`], logLevel: 0 }).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: ['intake'] });
  await eventually('the topic is gone', async () => !(await admin.listTopics()).includes('intake'));
  await admin.createTopics({ topics: [{ topic: 'intake', numPartitions: 12 }] }).finally(() => admin.disconnect());
  const after = Array.from({ length: 24 }, () => randomUUID());
  for (const id of after) await record(intake, id);
  await eventually('noticed', async () => (await scheduling.ready()).reasons.join().includes('not read until an operator decides'));

  const reset = async (body: object) => {
    const response = await fetch(`${scheduling.url}/api/scheduling/positions/reset`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await issuer.token({ roles: ['operator'] })}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as { items?: readonly unknown[]; errors?: readonly { field: string }[] } };
  };
  expect(await reset({ topic: 'care', to: 'earliest' })).toMatchObject({ status: 400, body: { errors: [{ field: 'topic' }] } });
  expect(await reset({ topic: 'intake', partition: 3, to: '999999' })).toMatchObject({ status: 400, body: { errors: [{ field: 'partition' }] } });
  const done = await reset({ topic: 'intake', to: 'earliest' });
  expect([done.status, done.body.items?.length]).toEqual([200, 12]);
  await Promise.all(after.map(hears));
  await isReady(scheduling);
}, 180_000);
