import { idOf } from '@throughline/kernel/ids';
import type { BusRecord } from '../../src/bus/bus.js';
import { jobTopic, parkJob } from '../../src/jobs/job-parking.js';
import { inTransaction } from '../../src/persistence/database.js';
import type { JobRequest } from '../../src/persistence/unit.js';
import { createParking } from '../../src/runner/parking.js';
import type { Parking } from '../../src/runner/parking.js';
import { HandMadeLog, notes, refused, silent, toyRunner } from '../toy/toy-runner.js';
import type { Handler, ToyRunner } from '../toy/toy-runner.js';
import { patient, record, toyDatabase } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

describe('parking', () => {
  let toy: ToyDatabase;
  let made: ToyRunner;
  let parking: Parking;
  /** Versions that fail now, and how. */
  let wrong: Map<number, () => unknown>;
  let now: Date;
  let woken: JobRequest[];

  const handler: Handler = async (message, unit) => {
    await notes(message, unit);
    const error = wrong.get(message.version!)?.();
    if (error) throw error;
  };
  const bug = (): Error => new Error('a bug');
  const passing = (): Error => Object.assign(new Error('lock'), { code: '55P03' });

  beforeAll(async () => {
    toy = await toyDatabase(6);
  });
  afterAll(() => toy.drop());
  beforeEach(async () => {
    await toy.rows('truncate note, outbox, stream, patient_alias, position, inbox, applied, parked, attempt, outcome');
    wrong = new Map();
    woken = [];
    now = new Date('2026-03-01T00:00:00Z');
    made = toyRunner(toy.dataSource, new HandMadeLog(), handler, { clock: { now: () => now } });
    await made.runner.assigned([{ topic: 'intake', partition: 0 }]);
    parking = createParking({
      dataSource: toy.dataSource,
      clock: { now: () => now },
      logger: silent,
      handlingOf: (topic) => (topic === 'intake' ? made.runner.handling : undefined),
      wakeJob: async (job) => {
        if (wrong.has(0)) throw wrong.get(0)!();
        woken.push(job);
      },
      pollMs: 10,
    });
  });
  afterEach(() => parking.stop());

  const heard = async (n: number): Promise<readonly string[]> =>
    (await toy.rows<{ body: { heard: string[] } }>('select body from note where id = $1', [idOf('note', patient(n))]))[0]?.body.heard ?? [];
  const of = (n: number, offset: number): BusRecord => record(offset, { key: patient(n), version: offset + 1 });
  const states = async (): Promise<string[]> => (await parking.list({ limit: 100 })).map((row) => `${row.offset} ${row.state}`);
  const firstId = async (): Promise<number> => (await parking.list({ limit: 1 }))[0]!.id;
  const until = async (done: () => Promise<boolean>): Promise<void> => {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('lists without content, shows with it, counts', async () => {
    wrong.set(1, bug);
    await made.runner.deliver([of(1, 0), of(1, 1), of(2, 2)]);
    const list = await parking.list({ limit: 10 });
    expect(list).toMatchObject([{ topic: 'intake', offset: 0, key: patient(1), state: 'parked', reason: 'failed', tries: 1 }, { offset: 1, state: 'behind' }]);
    expect(JSON.stringify(list)).not.toContain('Test');
    expect(JSON.stringify(list)).not.toContain('a bug');
    expect(await parking.show(list[0]!.id)).toMatchObject({ detail: expect.stringContaining('a bug'), record: expect.stringContaining('Test') });
    expect(await parking.counts()).toEqual({ parked: 1, behind: 1 });
    expect(await parking.list({ after: list[0]!.id, limit: 10 })).toHaveLength(1);
  });

  it('replays a key in order, asked for by its head or by a follower, and lets live messages through again', async () => {
    wrong.set(2, bug);
    await made.runner.deliver([of(1, 0), of(1, 1), of(1, 2)]);
    await made.runner.deliver([of(1, 3), of(2, 4)]);
    wrong.clear();
    const rows = await parking.list({ limit: 10 });
    expect(await parking.replay(rows[2]!.id)).toEqual({ outcome: 'done', replayed: 3, left: 0 });
    await made.runner.deliver([of(1, 5)]);
    expect(await heard(1)).toEqual(['1', '2', '3', '4', '6']);
    expect(await states()).toEqual([]);
    expect(await toy.rows('select outcome, reason, log_offset from outcome order by id')).toEqual([
      { outcome: 'replayed', reason: 'failed', log_offset: 1 },
      { outcome: 'replayed', reason: 'behind', log_offset: 2 },
      { outcome: 'replayed', reason: 'behind', log_offset: 3 },
    ]);
  });

  it('stops at the first that fails again and keeps nothing of it', async () => {
    wrong.set(2, bug).set(3, bug);
    await made.runner.deliver([of(1, 0), of(1, 1), of(1, 2), of(1, 3)]);
    wrong.delete(2);
    expect(await parking.replay(await firstId())).toEqual({ outcome: 'failed', replayed: 1, left: 2 });
    expect(await states()).toEqual(['2 parked', '3 behind']);
    expect(await heard(1)).toEqual(['1', '2']);
    expect(await parking.replay(await firstId())).toEqual({ outcome: 'failed', replayed: 0, left: 2 });
    expect(await parking.show(await firstId())).toMatchObject({ tries: 2 });
  });

  it('replays while live messages arrive: nothing overtakes', async () => {
    wrong.set(1, bug);
    await made.runner.deliver(Array.from({ length: 10 }, (_, i) => of(1, i)));
    wrong.clear();
    const id = await firstId();
    const live = (async () => {
      for (let offset = 10; offset < 40; offset++) await made.runner.deliver([of(1, offset)]);
    })();
    const replayed = await Promise.all([parking.replay(id), parking.replay(id), live]);
    expect(replayed[0]!.outcome === 'done' || replayed[0]!.outcome === 'not-found').toBe(true);
    for (const row of await parking.list({ limit: 100 })) await parking.replay(row.id);
    expect((await heard(1)).map(Number)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('a replay that is refused is settled; one that is stale is dropped', async () => {
    wrong.set(1, bug).set(6, bug);
    await made.runner.deliver([of(1, 0), of(2, 5 - 4)]);
    wrong.set(1, refused);
    expect(await parking.replay(await firstId())).toMatchObject({ outcome: 'done', left: 0 });
    expect(await toy.rows('select outcome, reason from outcome')).toEqual([{ outcome: 'refused', reason: 'closed' }]);
    wrong.set(3, bug);
    await made.runner.deliver([of(3, 2)]);
    await toy.rows('insert into applied values ($1, $2, 9)', ['intake', patient(3)]);
    wrong.clear();
    expect(await parking.replay(await firstId())).toMatchObject({ outcome: 'done', left: 0 });
    expect(await heard(3)).toEqual([]);
  });

  it('discards with a reason, keeps the message for the record, and lets the followers go on', async () => {
    wrong.set(1, bug);
    await made.runner.deliver([of(1, 0), of(1, 1), of(1, 2)]);
    const id = await firstId();
    expect(await parking.discard(id, 'entered twice', 'user-1')).toBe(true);
    expect(await heard(1)).toEqual(['2', '3']);
    expect(await states()).toEqual([]);
    expect(await parking.show(id)).toMatchObject({ state: 'discarded', discardedBy: 'user-1', discardReason: 'entered twice' });
    expect(await parking.discard(id, 'again', 'user-1')).toBe(false);
    expect(await parking.replay(id)).toEqual({ outcome: 'not-found', replayed: 0, left: 0 });
    expect(await toy.rows(`select reason from outcome where outcome = 'discarded'`)).toEqual([{ reason: 'failed' }]);
  });

  it('does not try a head by itself that waits for a person, when the one before it is discarded', async () => {
    wrong.set(1, bug).set(2, bug);
    await made.runner.deliver([of(1, 0), of(1, 1), of(1, 2)]);
    await parking.discard(await firstId(), 'wrong', 'user-1');
    expect(await states()).toEqual(['1 parked', '2 behind']);
  });

  it('tries a waiting message again by itself, with growing pauses, and drains what follows', async () => {
    wrong.set(1, passing);
    await made.runner.deliver([of(1, 0), of(1, 1)]);
    expect(await states()).toEqual(['0 waiting', '1 behind']);
    parking.start();
    now = new Date(now.getTime() + 1_500);
    await until(async () => (await parking.show(await firstId()))!.tries === 2);
    const row = (await parking.show(await firstId()))!;
    expect([row.state, row.nextAt!.getTime() - now.getTime()]).toEqual(['waiting', 2_000]);
    wrong.clear();
    now = row.nextAt!;
    await until(async () => (await states()).length === 0);
    expect(await heard(1)).toEqual(['1', '2']);
  });

  it('finds followers whose head went away in a crash', async () => {
    wrong.set(1, bug);
    await made.runner.deliver([of(1, 0), of(1, 1)]);
    await toy.rows('delete from parked where log_offset = 0');
    parking.start();
    await until(async () => (await states()).length === 0);
    expect(await heard(1)).toEqual(['2']);
  });

  it('replays a message without a key by itself', async () => {
    await made.runner.deliver([{ ...of(1, 0), key: null }, of(1, 1)]);
    expect(await parking.replay(await firstId())).toEqual({ outcome: 'failed', replayed: 0, left: 1 });
    expect(await parking.show(await firstId())).toMatchObject({ reason: 'no-key', tries: 2 });
    expect(await parking.discard(await firstId(), 'no key', 'user-1')).toBe(true);
  });

  it('runs a parked job again', async () => {
    const job: JobRequest = { name: 'due', rowId: patient(10), patientId: patient(1), dueAt: new Date('2026-03-02T00:00:00Z') };
    await inTransaction(toy.dataSource, (sql) => parkJob(sql, job, new Error('x'), 5, patient(11), now));
    wrong.set(0, bug);
    const id = await firstId();
    expect(await parking.replay(id)).toMatchObject({ outcome: 'failed' });
    wrong.clear();
    expect(await parking.replay(id)).toEqual({ outcome: 'done', replayed: 1, left: 0 });
    expect(woken).toEqual([job]);
    expect(await toy.rows('select topic, outcome from outcome')).toEqual([{ topic: jobTopic('due'), outcome: 'replayed' }]);
  });
});
