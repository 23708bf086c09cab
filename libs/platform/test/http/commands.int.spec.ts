import { randomUUID } from 'node:crypto';
import { toyIntake } from '@throughline/testing/toy-service';
import { standingService, type StandingService } from './standing-service.js';

let service: StandingService;
beforeAll(async () => {
  service = await standingService(toyIntake);
});
afterAll(() => service.stop());

const sender = { sub: 'hospital', roles: ['sender'] };
const nurse = { sub: 'nadia', roles: ['nurse'] };
const people = '/api/intake/people';
const record = (id: string, family: string, key: string, as = sender) =>
  service.ask(people, { as, json: { id, family }, headers: { 'idempotency-key': key } });
const rows = <Row>(sql: string, params: unknown[] = []) => service.dataSource.query<Row[]>(sql, params);

describe('a command', () => {
  it('is done once: the same key and body gets the stored answer, and one event', async () => {
    const id = randomUUID();
    const first = await record(id, 'Hill', `k-${id}`);
    const again = await record(id, 'Hill', `k-${id}`);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
    expect(again.headers.get('etag')).toBe('"1"');
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
    const [events] = await rows<{ n: number; causes: string[] }>(
      `select count(*) as n, array_agg(headers->>'ce_causationid') as causes from outbox where key = $1`, [id]);
    const [command] = await rows<{ command_id: string }>('select command_id from command where idempotency_key = $1', [`k-${id}`]);
    expect(events).toEqual({ n: 1, causes: [command!.command_id] });
  });

  it('refuses the key of another body with 422', async () => {
    const id = randomUUID();
    await record(id, 'Hill', `k-${id}`);
    const other = await record(id, 'Dale', `k-${id}`);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ type: 'urn:throughline:problem:key-reused', errors: [{ field: 'Idempotency-Key' }] });
  });

  it('keeps keys apart by actor', async () => {
    const key = randomUUID();
    expect((await record(randomUUID(), 'Hill', key)).status).toBe(201);
    expect((await record(randomUUID(), 'Dale', key, nurse)).status).toBe(201);
  });

  it('answers twenty copies sent at once with one effect: 201 or 409, never two events', async () => {
    const id = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => record(id, 'Hill', `k-${id}`)));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses).toContain(201);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(await rows('select count(*) as n from outbox where key = $1', [id])).toEqual([{ n: 1 }]);
  });

  it('says 409 while another process holds the key', async () => {
    const id = randomUUID();
    const runner = service.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(`select pg_advisory_xact_lock(hashtextextended('intake' || $1, 0))`, [JSON.stringify(['command', 'hospital', `k-${id}`])]);
      const answer = await record(id, 'Hill', `k-${id}`);
      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({ type: 'urn:throughline:problem:command-running' });
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    expect((await record(id, 'Hill', `k-${id}`)).status).toBe(201);
  });

  it('requires a key from a sender, and not from a person', async () => {
    const without = await service.ask(people, { as: sender, json: { id: randomUUID(), family: 'Hill' } });
    expect(without.status).toBe(400);
    expect(await without.json()).toMatchObject({ errors: [{ field: 'Idempotency-Key' }] });
    expect((await service.ask(people, { as: nurse, json: { id: randomUUID(), family: 'Hill' } })).status).toBe(201);
  });

  it('stores nothing of a refusal: the same key works once the reason is gone', async () => {
    const id = randomUUID();
    await record(id, 'Hill', `k-${id}`);
    const refused = await record(id, 'Dale', `k2-${id}`);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ type: 'urn:throughline:problem:already-recorded', errors: [{ field: 'id' }] });
    expect(await rows('select * from command where idempotency_key = $1', [`k2-${id}`])).toEqual([]);
    expect(await rows('select * from audit where subject = $1 and action = $2', [id, 'change'])).toHaveLength(1);
  });
});

describe('a change to what exists', () => {
  const rename = (id: string, family: string, version?: string) =>
    service.ask(`${people}/${id}/rename`, { as: nurse, json: { family }, headers: version === undefined ? {} : { 'if-match': version } });

  it('needs the version it was made on: 428 without, 412 when stale, 400 for what is no version, 409 refused', async () => {
    const id = randomUUID();
    await record(id, 'Hill', `k-${id}`);
    expect((await rename(id, 'Dale')).status).toBe(428);
    expect((await rename(id, 'Dale', 'W/"1"')).status).toBe(400);
    const done = await rename(id, 'Dale', '"1"');
    expect([done.status, done.headers.get('etag')]).toEqual([200, '"2"']);
    const stale = await rename(id, 'Moor', '"1"');
    expect([stale.status, stale.headers.get('content-type')]).toEqual([412, 'application/problem+json; charset=utf-8']);
    const refused = await rename(id, 'Dale', '"2"');
    expect([refused.status, ((await refused.json()) as { type: string }).type]).toEqual([409, 'urn:throughline:problem:same-name']);
    expect((await rename(randomUUID(), 'Dale', '"1"')).status).toBe(404);
  });
});

describe('the audit trail', () => {
  it('has one row per patient of an answer, committed before it leaves, and one for a search that finds nobody', async () => {
    const ids = [randomUUID(), randomUUID()];
    for (const id of ids) await record(id, 'Hill', `k-${id}`);
    const before = await rows<{ n: number }>(`select count(*) as n from audit where action = 'read' and actor = 'audrey'`);
    expect(before).toEqual([{ n: 0 }]);
    const page = (await (await service.ask(`${people}?limit=200`, { as: { sub: 'audrey', roles: ['coordinator'] }, headers: { 'x-correlation-id': 'audit-test-1' } })).json()) as { items: { id: string }[] };
    const trail = await rows<{ patient_id: string; correlation_id: string; roles: string[] }>(`select patient_id, correlation_id, roles from audit where action = 'read' and actor = 'audrey'`);
    expect(trail.map((row) => row.patient_id).sort()).toEqual(page.items.map((item) => item.id).sort());
    expect(trail[0]).toMatchObject({ correlation_id: 'audit-test-1', roles: ['coordinator'] });
    const last = page.items.map((item) => item.id).sort().at(-1)!;
    const cursor = Buffer.from(JSON.stringify([last])).toString('base64url');
    await service.ask(`${people}?cursor=${cursor}`, { as: { sub: 'audrey', roles: ['coordinator'] } });
    expect(await rows(`select patient_id from audit where actor = 'audrey' and patient_id is null`)).toEqual([{ patient_id: null }]);
  });

  it('is written in the transaction of a change and readable by an admin only', async () => {
    const id = randomUUID();
    await record(id, 'Hill', `k-${id}`);
    expect((await service.ask(`/api/intake/audit?patient=${id}`, { as: nurse })).status).toBe(403);
    const page = (await (await service.ask(`/api/intake/audit?patient=${id}`, { as: { roles: ['admin'] } })).json()) as { items: object[] };
    expect(page.items).toEqual([expect.objectContaining({ actor: 'hospital', action: 'change', resource: 'patient', patientId: id, subject: id })]);
  });

  it('keeps the answer back when it cannot be written', async () => {
    await rows('alter table audit rename to audit_away');
    try {
      expect((await service.ask(people, { as: nurse })).status).toBe(500);
      const id = randomUUID();
      expect((await record(id, 'Hill', `k-${id}`)).status).toBe(500);
      expect(await rows('select * from toy_person where id = $1', [id])).toEqual([]);
    } finally {
      await rows('alter table audit_away rename to audit');
    }
  });
});

describe('the ledger', () => {
  it('is paged by a stable cursor', async () => {
    for (let i = 0; i < 3; i++) await record(randomUUID(), 'Hill', randomUUID());
    const seen: string[] = [];
    let after: string | null = '';
    do {
      const page = (await (await service.ask(`/api/intake/ledger?limit=2&after=${after}`, { as: { roles: ['operator'] } })).json()) as { items: { id: string; cursor?: string }[]; nextCursor: string | null };
      seen.push(...page.items.map((item) => item.id));
      expect(page.items.every((item) => item.cursor === undefined)).toBe(true);
      after = page.nextCursor;
    } while (after !== null);
    const all = await rows<{ id: string }>('select id from toy_person order by id');
    expect(seen).toEqual(all.map((row) => row.id));
  });
});
