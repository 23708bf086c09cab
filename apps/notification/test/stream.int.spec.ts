import { idOf } from '@throughline/kernel/ids';
import { FixedClock } from '@throughline/testing/fixed-clock';
import { standingGround, until, type Ground, type StandingService } from '@throughline/testing/standing-service';
import { notification } from '../src/notification.module.js';
import { patientId, task, taskId } from './task-data.js';

const coordinator = (sub: string) => ({ as: { sub, roles: ['coordinator'] } });
const base = '/api/notification';

interface Heard {
  readonly id: number;
  readonly data: Record<string, unknown>;
}

/** A client of the stream that notes what it hears, until it is closed. */
const listen = async (service: StandingService, query = '', headers: Record<string, string> = {}, sub = 'coordinator-1') => {
  const abort = new AbortController();
  const response = await service.ask(`${base}/stream${query}`, { ...coordinator(sub), headers, signal: abort.signal });
  const heard: Heard[] = [];
  const comments: string[] = [];
  const ended = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(chunk, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop()!;
      for (const block of blocks) {
        const id = /^id: (\d+)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (id && data) heard.push({ id: Number(id), data: JSON.parse(data) as Record<string, unknown> });
        else comments.push(block);
      }
    }
  })().catch(() => undefined);
  return { response, heard, comments, ended, close: async () => { abort.abort(); await ended; } };
};

describe('the numbered stream', () => {
  let ground: Ground;
  let service: StandingService;
  const clock = new FixedClock('2026-03-04T22:00:00Z');

  beforeEach(async () => {
    ground = await standingGround(clock);
    service = await ground.start(notification, { THROUGHLINE_STREAM_HEARTBEAT_SECONDS: '1', THROUGHLINE_STREAMS_PER_USER: '2' });
  });
  afterEach(() => ground.stop());

  it('tells of a task at once, in ids and codes, and leaves an audit row per patient', async () => {
    await service.hear('care.patient.recorded.v1', { patientId: patientId(1), version: 1, name: { family: 'Zebedee', given: 'Quentin' }, zone: 'America/New_York', deceased: false });
    expect(await service.rows('select body from patient')).toEqual([{ body: { patientId: patientId(1), zone: 'America/New_York', deceased: false } }]);
    const client = await listen(service);
    expect(client.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await service.hear('care.task.opened.v1', task(1, 1, { assignee: 'nurse-1' }));
    await until('the notice', async () => client.heard.length === 1);
    const { taskId: id, episodeId, dischargeId, dueAt, label, team } = task(1);
    expect(client.heard[0]).toEqual({
      id: 1,
      data: { number: 1, type: 'care.task.opened.v1', at: clock.now().toISOString(), taskId: id, episodeId, dischargeId, patientId: patientId(1), status: 'open', dueAt, label, team, assignee: 'nurse-1', backdated: false, correlationId: expect.any(String) as unknown },
    });
    expect(await service.rows(`select actor, patient_id from audit where resource = 'notice' and patient_id is not null`)).toEqual([{ actor: 'coordinator-1', patient_id: patientId(1) }]);
    await client.close();
  });

  it('tells of a task that is about a referral by that', async () => {
    const referralId = idOf('test', 'referral', 1);
    await service.hear('care.task.opened.v1', task(1, 1, { dischargeId: undefined, referralId }));
    const { items } = (await (await service.ask(`${base}/notices`, coordinator('c'))).json()) as { items: Record<string, unknown>[] };
    expect(items[0]).toMatchObject({ taskId: taskId(1), referralId });
    expect(items[0]).not.toHaveProperty('dischargeId');
    const ledger = (await (await service.ask('/api/notification/ledger', { as: { sub: 'operator-1', roles: ['operator'] } })).json()) as { items: Record<string, unknown>[] };
    expect(ledger.items).toContainEqual(expect.objectContaining({ kind: 'notice', referralId, dischargeId: null }));
  });

  it('writes one notice per task event, however often it comes', async () => {
    await service.hear('care.task.opened.v1', task(1));
    await service.hear('care.task.opened.v1', task(1));
    await service.hear('care.task.overdue.v1', task(1, 2, { status: 'overdue' }));
    const page = (await (await service.ask(`${base}/notices?limit=1`, coordinator('c'))).json()) as { items: { number: number; type: string }[]; nextCursor: string };
    const rest = (await (await service.ask(`${base}/notices?after=${page.nextCursor}`, coordinator('c'))).json()) as typeof page;
    expect([...page.items, ...rest.items].map((it) => it.type)).toEqual(['care.task.opened.v1', 'care.task.overdue.v1']);
    expect(rest.nextCursor).toBeNull();
  });

  it('misses none and repeats none over reconnects, while several writers commit in any order', async () => {
    const writers = 8;
    const each = 40;
    const total = writers * each;
    const write = async (writer: number): Promise<void> => {
      const client = await ground.client();
      await client.query('set search_path = notification');
      for (let i = 0; i < each; i++) {
        const { taskId: id, patientId: patient, label } = task(writer * each + i);
        await client.query('begin');
        await client.query('insert into task_notice (id, patient_id, at, body) values ($1, $2, now(), $3)', [id, patient, { patientId: patient, taskId: id, label }]);
        // Some hold their number for a while, so that the others queue behind it.
        if (i % 5 === writer % 5) await client.query('select pg_sleep(0.003)');
        await client.query(i % 11 === 10 ? 'rollback' : 'commit');
      }
      await client.end();
    };
    const writing = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    const kept = total - writers * Math.floor(each / 11);
    const heard: Heard[] = [];
    while (heard.length < kept) {
      const last = heard.at(-1)?.id;
      const client = await listen(service, heard.length === 0 ? '?after=0' : '', last === undefined ? {} : { 'last-event-id': String(last) });
      const wanted = Math.min(kept - heard.length, 30);
      await until('more notices', async () => client.heard.length >= wanted);
      await client.close();
      heard.push(...client.heard);
    }
    await writing;
    expect(heard.map((it) => it.id)).toEqual(Array.from({ length: kept }, (_, i) => i + 1));
    expect(new Set(heard.map((it) => it.data['taskId'])).size).toBe(kept);
  });

  it('gives no number before a smaller one is visible', async () => {
    const insert = async (n: number, hold?: Promise<void>): Promise<void> => {
      const client = await ground.client();
      await client.query('set search_path = notification');
      await client.query('begin');
      await client.query(`insert into task_notice (id, patient_id, at, body) values ($1, $2, now(), '{}')`, [taskId(n), patientId(n)]);
      await hold;
      await client.query(hold && n === 3 ? 'rollback' : 'commit');
      done.push(n);
      await client.end();
    };
    const done: number[] = [];
    const held = Promise.withResolvers<void>();
    const slow = insert(1, held.promise);
    const locks = (n: number) => until(`${n} wait`, async () => (await service.rows(`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).length === n);
    await until('the first holds the head', async () => (await service.rows(`select 1 from pg_locks l join pg_class c on c.oid = l.relation where c.relname = 'task_notice' and l.mode = 'RowExclusiveLock'`)).length > 0);
    const quick = insert(2);
    await locks(1);
    expect(await service.rows('select number from task_notice')).toEqual([]);
    // Both may hear of their commit in either order; what matters is that the second did not come through before the first.
    expect(done).toEqual([]);
    held.resolve();
    await Promise.all([slow, quick]);
    expect(await service.rows('select number::int, id from task_notice order by number')).toEqual([{ number: 1, id: taskId(1) }, { number: 2, id: taskId(2) }]);
    // A transaction that fails takes its number back.
    await insert(3, Promise.resolve());
    await insert(4);
    expect(await service.rows('select max(number)::int as last from task_notice')).toEqual([{ last: 3 }]);
  });

  it('hears what another copy of the service wrote', async () => {
    const other = await ground.start(notification);
    const client = await listen(service);
    await other.hear('care.task.opened.v1', task(1));
    await until('the notice', async () => client.heard.length === 1);
    await client.close();
    await other.stop();
  });

  it('keeps the connection alive, ends with the service, and tells a client from the future to begin anew', async () => {
    const client = await listen(service, '?after=99');
    await until('reset and heartbeat', async () => client.heard.length === 1 && client.comments.includes(': heartbeat'));
    expect(client.heard[0]).toEqual({ id: 0, data: { number: 0 } });
    const ended = client.ended;
    await service.stop();
    await ended;
  });

  it('refuses strangers, too many streams of one user, and numbers that are none', async () => {
    const refused = async (query: string, init: Parameters<StandingService['ask']>[1]): Promise<number> => {
      const response = await service.ask(`${base}/stream${query}`, init);
      await response.text();
      return response.status;
    };
    expect(await refused('', {})).toBe(401);
    expect(await refused('', { as: { roles: ['operator'] } })).toBe(403);
    expect(await refused('?after=x', coordinator('c'))).toBe(400);
    expect(await refused('', { ...coordinator('c'), headers: { 'last-event-id': '-1' } })).toBe(400);
    const clients = [await listen(service), await listen(service)];
    expect(await refused('', coordinator('coordinator-1'))).toBe(429);
    await clients[0]!.close();
    await until('a place is free', async () => {
      const again = await listen(service);
      await again.close();
      return again.response.status === 200;
    });
    await clients[1]!.close();
  });

  it('keeps a ledger of notices and messages', async () => {
    await service.hear('care.task.opened.v1', task(1));
    await service.hear('care.task.completed.v1', task(1, 2, { status: 'completed' }));
    const ledger = (await (await service.ask(`${base}/ledger?limit=10`, { as: { roles: ['operator'] } })).json()) as { items: Record<string, unknown>[] };
    expect(ledger.items).toEqual([
      expect.objectContaining({ kind: 'notice', subject: taskId(1), outcome: 'open', type: 'care.task.opened.v1', dischargeId: task(1).dischargeId }),
      expect.objectContaining({ kind: 'notice', subject: taskId(1), outcome: 'completed' }),
    ]);
  });
});
