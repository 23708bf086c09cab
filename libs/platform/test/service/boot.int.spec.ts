import { randomUUID } from 'node:crypto';
import { EmbeddedBus } from '../../src/bus/embedded-bus.js';
import type { RunningService } from '../../src/service/boot-ports.js';
import { bootService } from '../../src/service/boot.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import { testIssuer, type TestIssuer } from '@throughline/testing/test-issuer';
import { toyIntake, toyScheduling } from '@throughline/testing/toy-service';
import pg from 'pg';

let database: TestDatabase;
let issuer: TestIssuer;
const lines: string[] = [];
const logger = createLogger({ service: 'test', to: { write: (line) => void lines.push(line) } });

beforeAll(async () => {
  database = await testDatabase();
  issuer = await testIssuer();
});
afterAll(async () => {
  await issuer.stop();
  await database.drop();
});

const env = () => ({
  THROUGHLINE_MODE: 'embedded',
  THROUGHLINE_BUS: 'embedded',
  THROUGHLINE_DATABASE_URL: database.url,
  THROUGHLINE_ISSUER: issuer.url,
});

const eventually = async <T>(what: string, check: () => Promise<T | undefined | false>): Promise<T> => {
  const end = Date.now() + 30_000;
  for (;;) {
    const found = await check().catch(() => undefined);
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen; log:\n${lines.slice(-30).join('')}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
};

const ask = async (service: RunningService, path: string, roles: readonly string[], json?: unknown) => {
  const response = await fetch(`${service.url}${path}`, {
    method: json === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${await issuer.token({ sub: 'tester', roles })}`, ...(json === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': randomUUID() }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const record = (service: RunningService, id: string, family: string) => ask(service, '/api/intake/people', ['nurse'], { id, family });
const isReady = (service: RunningService) => eventually(`${service.name} ready`, async () => (await service.ready()).ok);
const hears = (service: RunningService, id: string) =>
  eventually('the event is heard', async () => {
    const { body } = await ask(service, '/api/scheduling/ledger?limit=200', ['operator']);
    return (body['items'] as { id: string; outcome: string }[]).find((item) => item.id === id);
  });

describe('two services over the embedded bus', () => {
  let bus: EmbeddedBus;
  let intake: RunningService;
  let scheduling: RunningService;

  beforeAll(async () => {
    bus = await EmbeddedBus.open({ url: database.url, logger });
    [intake, scheduling] = await Promise.all([bootService(toyIntake, { env: env(), bus, logger }), bootService(toyScheduling, { env: env(), bus, logger })]);
    await Promise.all([isReady(intake), isReady(scheduling)]);
  });
  afterAll(async () => {
    await Promise.all([intake?.stop(), scheduling?.stop()]);
    await bus?.close();
  });

  it('carries a command over outbox and bus into the other service', async () => {
    const id = randomUUID();
    expect((await record(intake, id, 'Hill')).status).toBe(201);
    expect(await hears(scheduling, id)).toMatchObject({ outcome: 'v1' });
  });

  it('says when it is quiet, and how far it has read', async () => {
    await eventually('quiet', async () => {
      const both = await Promise.all([ask(intake, '/api/intake/ledger/quiet', ['operator']), ask(scheduling, '/api/scheduling/ledger/quiet', ['operator'])]);
      return both.every(({ body }) => Object.values(body).every((count) => count === 0)) && Object.keys(both[0]!.body).length === 5;
    });
    const positions = (await ask(scheduling, '/api/scheduling/positions', ['operator'])).body['items'] as { topic: string; mismatch: null }[];
    expect(positions.filter((one) => one.topic === 'intake').map((one) => one.mismatch)).toEqual([null, null, null]);
  });

  it('states current facts again on an operator\'s word; who knows them passes over them', async () => {
    const ids = Array.from({ length: 3 }, () => randomUUID());
    for (const id of ids) await record(intake, id, 'Hill');
    await Promise.all(ids.map((id) => hears(scheduling, id)));
    const ends = async () => (await bus.spans('intake')).reduce((sum, { high }) => sum + high, 0);
    const before = await ends();
    const send = (body: object) => ask(intake, '/api/intake/facts/republish', ['operator'], body);
    expect(await send({ type: 'care.task.opened.v1' })).toMatchObject({ status: 400, body: { errors: [{ field: 'type' }] } });
    const first = await send({ type: 'care.patient.recorded.v1' });
    expect(first.status).toBe(200);
    const published = first.body['published'] as number;
    expect(published).toBeGreaterThanOrEqual(3);
    expect(await send({ cursor: first.body['nextCursor'] })).toMatchObject({ status: 200, body: { published: 0, nextCursor: null } });
    await eventually('on the topic', async () => (await ends()) === before + published);
    const last = (await Promise.all((await bus.spans('intake')).flatMap(({ partition, low, high }) => Array.from({ length: high - low }, (_, n) => bus.recordAt('intake', partition, low + n))))).map((one) => one!.headers['ce_id']);
    // The same facts at the same versions are the same events.
    expect(new Set(last).size).toBe(before);
    expect(await hears(scheduling, ids[0]!)).toMatchObject({ outcome: 'v1' });
    const trail = await ask(intake, '/api/intake/audit?limit=200', ['admin']);
    expect(trail.body['items']).toContainEqual(expect.objectContaining({ action: 'change', resource: 'fact', subject: 'care.patient.recorded.v1' }));
  });

  it('parks what fails on its own, shows it audited, and drops it when told to; what is behind goes on', async () => {
    const id = randomUUID();
    await record(intake, id, 'Poison');
    const list = () => ask(scheduling, '/api/scheduling/parked', ['operator']).then(({ body }) => body['items'] as { id: number; key: string; state: string }[]);
    const [parked] = await eventually('parked', async () => {
      const items = await list();
      return items.length > 0 && items;
    });
    expect(parked).toMatchObject({ key: id, state: 'parked' });
    expect(JSON.stringify(parked)).not.toContain('Poison');
    const fix = await ask(intake, `/api/intake/people/${id}/rename`, ['nurse'], { family: 'Healed' });
    expect(fix.status).toBe(428);
    const renamed = await fetch(`${intake.url}/api/intake/people/${id}/rename`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await issuer.token({ roles: ['nurse'] })}`, 'content-type': 'application/json', 'if-match': '"1"' },
      body: JSON.stringify({ family: 'Healed' }),
    });
    expect(renamed.status).toBe(200);
    await eventually('behind', async () => (await list()).length === 2);
    const shown = await ask(scheduling, `/api/scheduling/parked/${parked!.id}`, ['operator']);
    expect(JSON.stringify(shown.body)).toContain('Poison');
    const trail = await ask(scheduling, `/api/scheduling/audit?patient=${id}`, ['admin']);
    expect(trail.body['items']).toEqual([expect.objectContaining({ actor: 'tester', action: 'read', resource: 'parked', subject: String(parked!.id) })]);
    expect((await ask(scheduling, `/api/scheduling/parked/${parked!.id}/replay`, ['operator'], {})).body).toMatchObject({ outcome: 'failed', replayed: 0, left: 2 });
    expect((await ask(scheduling, `/api/scheduling/parked/${parked!.id}/discard`, ['operator'], {})).status).toBe(400);
    expect((await ask(scheduling, `/api/scheduling/parked/${parked!.id}/discard`, ['operator'], { reason: 'a test' })).status).toBe(200);
    expect(await hears(scheduling, id)).toMatchObject({ outcome: 'v2' });
    expect((await ask(scheduling, '/api/scheduling/parked/999999/replay', ['operator'], {})).status).toBe(404);
    expect((await ask(scheduling, '/api/scheduling/parked', ['nurse'])).status).toBe(403);
  });

  it('shows its tables and log in /metrics', async () => {
    const text = await (await fetch(`${scheduling.url}/metrics`)).text();
    const value = (name: string, ...labels: string[]) =>
      text.split('\n').find((line) => line.startsWith(`throughline_${name}{`) && labels.every((label) => line.includes(label)))?.split(' ').at(-1);
    expect(value('consumer_lag', 'topic="intake"', 'partition="0"')).toBe('0');
    expect(Number(value('handled_total', 'type="care.patient.recorded.v1"', 'outcome="handled"'))).toBeGreaterThan(0);
    expect([value('outbox_rows'), value('parked_messages', 'state="parked"'), value('scrape_failures_total')]).toEqual(['0', '0', '0']);
    expect([value('ready'), value('unread_partitions', 'reason="gap"')]).toEqual(['1', '0']);
  });

  it('recovers by itself when all its database connections are cut', async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name like 'throughline-%' and application_name <> 'throughline-bus'`);
    await client.end();
    const id = randomUUID();
    await eventually('accepted again', async () => (await record(intake, id, 'Hill')).status === 201);
    await hears(scheduling, id);
    await Promise.all([isReady(intake), isReady(scheduling)]);
  });

  it('stops under load without losing what it answered positively', async () => {
    const accepted: string[] = [];
    let stopping = false;
    const senders = Array.from({ length: 8 }, async () => {
      while (!stopping) {
        const id = randomUUID();
        const answer = await record(intake, id, 'Load').catch(() => undefined);
        if (answer?.status === 201) accepted.push(id);
        else if (answer === undefined || answer.status === 503) break;
      }
    });
    await eventually('some load', async () => accepted.length > 40);
    await intake.stop();
    stopping = true;
    await Promise.all(senders);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const stored = await client.query('select id from intake.toy_person where id = any($1)', [accepted]);
    const left = await client.query('select count(*)::int as n from intake.outbox');
    expect([stored.rows.length, left.rows[0]]).toEqual([accepted.length, { n: 0 }]);
    await eventually('all heard', async () => (await client.query('select count(*)::int as n from scheduling.toy_person where id = any($1)', [accepted])).rows[0].n === accepted.length);
    await client.end();
    intake = await bootService(toyIntake, { env: env(), bus, logger });
    await isReady(intake);
  });
});

describe('a start', () => {
  it('with the database away answers its health, serves nothing else, and comes up by itself', async () => {
    const later = await testDatabase();
    const url = new URL(later.url);
    const away = new URL(later.url);
    const { createServer, connect } = await import('node:net');
    let open = false;
    const gate = createServer((socket) => {
      if (!open) return void socket.destroy();
      const up = connect(Number(url.port || 5432), url.hostname);
      socket.pipe(up).pipe(socket);
      for (const one of [socket, up]) one.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
    away.port = String((gate.address() as { port: number }).port);
    const service = await bootService(toyIntake, { env: { ...env(), THROUGHLINE_DATABASE_URL: away.toString() }, logger });
    try {
      expect((await fetch(`${service.url}/livez`)).status).toBe(200);
      const readyz = await fetch(`${service.url}/readyz`);
      expect(readyz.status).toBe(503);
      expect(((await readyz.json()) as { reasons: string[] }).reasons.join()).toContain('database');
      expect((await record(service, randomUUID(), 'Hill')).status).toBe(503);
      open = true;
      await isReady(service);
      expect((await record(service, randomUUID(), 'Hill')).status).toBe(201);
    } finally {
      await service.stop();
      gate.close();
      await later.drop();
    }
  });

  it('distributed does not migrate: it waits for the tables and says so', async () => {
    const later = await testDatabase();
    const settings = { ...env(), THROUGHLINE_MODE: 'distributed', THROUGHLINE_BUS: 'kafka', THROUGHLINE_KAFKA_BROKERS: '127.0.0.1:1', THROUGHLINE_JOBS: 'postgres', THROUGHLINE_DATABASE_URL: later.url };
    const { migrateService } = await import('../../src/service/migrate.js');
    let service: RunningService | undefined;
    try {
      service = await bootService(toyIntake, { env: settings, logger });
      await eventually('told', async () => (await service!.ready()).reasons.join().includes('throughline migrate'));
      expect((await record(service, randomUUID(), 'Hill')).status).toBe(503);
      await migrateService(toyIntake, settings);
      // Kafka stays away: it accepts all the same, and the events wait.
      await eventually('accepted', async () => (await record(service!, randomUUID(), 'Hill')).status === 201);
      expect((await service.ready()).reasons.join()).toContain('bus');
    } finally {
      await service?.stop();
      await later.drop();
    }
  });

  it('refuses wrong settings with all of them at once', async () => {
    await expect(bootService(toyIntake, { env: { THROUGHLINE_HTTP_PORT: 'x' }, logger })).rejects.toThrow(/THROUGHLINE_DATABASE_URL[^]*THROUGHLINE_ISSUER[^]*THROUGHLINE_INTAKE_HTTP_PORT|THROUGHLINE_HTTP_PORT/);
  });
});
