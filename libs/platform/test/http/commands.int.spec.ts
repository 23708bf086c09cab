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
    expect(page.items).toEqual([
      expect.objectContaining({ actor: 'nadia', action: 'read', resource: 'audit', patientId: id, outcome: 'denied' }),
      expect.objectContaining({ actor: 'hospital', action: 'change', resource: 'patient', patientId: id, subject: id, outcome: 'allowed' }),
    ]);
  });

  it('has a row for whoever was not let, with what has the form of an id and nothing else of the address', async () => {
    const id = randomUUID();
    const mallory = { sub: 'mallory', roles: ['subscriber'] };
    const correlation = { 'x-correlation-id': 'audit-test-2' };
    expect((await service.ask(`${people}/${id}`, { as: mallory, headers: correlation })).status).toBe(403);
    expect((await service.ask(`${people}/Hill`, { as: mallory })).status).toBe(403);
    expect((await service.ask(`${people}/${id}/rename`, { as: mallory, json: { family: 'Hill' } })).status).toBe(403);
    expect((await service.ask(`/api/intake/audit?patient=${id}`, { as: mallory })).status).toBe(403);
    const trail = await rows<Record<string, unknown>>(`select action, resource, subject, patient_id, outcome, roles, correlation_id from audit where actor = 'mallory' order by at`);
    const denied = { outcome: 'denied', roles: ['subscriber'], patient_id: null };
    expect(trail).toEqual([
      { ...denied, action: 'read', resource: 'patient', subject: id, correlation_id: 'audit-test-2' },
      { ...denied, action: 'read', resource: 'patient', subject: null, correlation_id: expect.any(String) },
      { ...denied, action: 'change', resource: 'patient', subject: id, correlation_id: expect.any(String) },
      { ...denied, action: 'read', resource: 'audit', subject: null, patient_id: id, correlation_id: expect.any(String) },
    ]);
    expect((await service.ask(`${people}/${id}`)).status).toBe(401);
    expect(await rows(`select * from audit where outcome = 'denied' and actor <> 'mallory' and subject = $1`, [id])).toEqual([]);
  });

  it('keeps the answer back when it cannot be written', async () => {
    await rows('alter table audit rename to audit_away');
    try {
      expect((await service.ask(people, { as: nurse })).status).toBe(500);
      expect((await service.ask(people, { as: { roles: ['subscriber'] } })).status).toBe(403);
      expect(service.lines.join('')).toContain('could not be audited');
      const id = randomUUID();
      expect((await record(id, 'Hill', `k-${id}`)).status).toBe(500);
      expect(await rows('select * from toy_person where id = $1', [id])).toEqual([]);
    } finally {
      await rows('alter table audit_away rename to audit');
    }
  });
});

describe('what is parked', () => {
  const operator = { sub: 'olga', roles: ['operator'] };
  const park = async (patient: string): Promise<number> => {
    const [row] = await rows<{ id: number }>(
      `insert into parked (topic, partition, log_offset, key, keys, event_id, type, record, state, reason, tries, at)
       values ('intake', 0, 1, $1, $2, $3, 'care.patient.recorded.v1', '{}', 'parked', 'failed', 1, now()) returning id`,
      [patient, JSON.stringify([patient]), randomUUID()],
    );
    return row!.id;
  };
  const tell = (id: number | string, what: 'replay' | 'discard', key: string, as: { sub?: string; roles: string[] } = operator) =>
    service.ask(`/api/intake/parked/${id}/${what}`, { as, json: what === 'discard' ? { reason: 'made up' } : {}, headers: { 'idempotency-key': key } });
  const trail = (id: number) => rows<{ action: string }>(`select actor, action, patient_id, outcome from audit where resource = 'parked' and subject = $1 order by at`, [String(id)]);

  it('is replayed once per command, and the row says by whom', async () => {
    const patient = randomUUID();
    const id = await park(patient);
    // Nothing handles the topic here, so it fails again.
    const first = await tell(id, 'replay', `r-${id}`);
    const again = await tell(id, 'replay', `r-${id}`);
    expect([first.status, await first.json()]).toEqual([200, { outcome: 'failed', replayed: 0, left: 1 }]);
    expect([again.status, again.headers.get('idempotency-replayed'), await again.json()]).toEqual([200, 'true', { outcome: 'failed', replayed: 0, left: 1 }]);
    expect(await rows('select tries from parked where id = $1', [id])).toEqual([{ tries: 2 }]);
    expect(await trail(id)).toEqual([{ actor: 'olga', action: 'change', patient_id: patient, outcome: 'allowed' }]);
    expect((await tell(id, 'discard', `r-${id}`)).status).toBe(422);
  });

  it('is discarded once per command, and its answer outlives it', async () => {
    const patient = randomUUID();
    const id = await park(patient);
    const answers = [await tell(id, 'discard', `d-${id}`), await tell(id, 'discard', `d-${id}`)];
    expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))).toEqual([[200, { discarded: true }], [200, { discarded: true }]]);
    expect((await tell(id, 'discard', `other-${id}`)).status).toBe(404);
    expect(await rows('select state, discarded_by, discard_reason from parked where id = $1', [id])).toEqual([{ state: 'discarded', discarded_by: 'olga', discard_reason: 'made up' }]);
    expect(await trail(id)).toEqual([{ actor: 'olga', action: 'change', patient_id: patient, outcome: 'allowed' }]);
  });

  it('stays as it is when the audit row cannot be written, and for those who may not', async () => {
    const id = await park(randomUUID());
    await rows('alter table audit rename to audit_away');
    try {
      expect((await tell(id, 'discard', `a-${id}`)).status).toBe(500);
    } finally {
      await rows('alter table audit_away rename to audit');
    }
    expect((await tell(id, 'discard', `b-${id}`, { sub: 'nadia', roles: ['nurse'] })).status).toBe(403);
    expect(await rows('select state from parked where id = $1', [id])).toEqual([{ state: 'parked' }]);
    expect(await trail(id)).toEqual([{ actor: 'nadia', action: 'change', patient_id: null, outcome: 'denied' }]);
    expect((await tell(0, 'replay', `c-${id}`)).status).toBe(404);
    expect((await tell('x', 'replay', `e-${id}`)).status).toBe(400);
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
