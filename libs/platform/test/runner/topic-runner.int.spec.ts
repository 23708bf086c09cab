import { jest } from '@jest/globals';
import { idOf } from '@throughline/kernel/ids';
import type { BusRecord } from '../../src/bus/bus.js';
import { inTransaction, PgSql, withConnection } from '../../src/persistence/database.js';
import { resetPositions } from '../../src/runner/reset-positions.js';
import type { ResetTo } from '../../src/runner/reset-positions.js';
import { failing, HandMadeLog, notes, refused, toyRunner } from '../toy/toy-runner.js';
import type { Handler, ToyRunner } from '../toy/toy-runner.js';
import { patient, record, toyDatabase } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

const ALL = [0, 1, 2].map((partition) => ({ topic: 'intake', partition }));

describe('topic runner', () => {
  let toy: ToyDatabase;
  let log: HandMadeLog;

  beforeAll(async () => {
    toy = await toyDatabase(6);
  });
  afterAll(() => toy.drop());
  beforeEach(async () => {
    log = new HandMadeLog();
    await toy.rows('truncate note, trace, outbox, job_request, stream, patient_alias, position, inbox, applied, parked, attempt, outcome');
  });

  const started = async (handler: Handler, source = toy.dataSource): Promise<ToyRunner> => {
    const made = toyRunner(source, log, handler);
    await made.runner.assigned(ALL);
    return made;
  };
  /** What the toy heard of a patient, in order. */
  const heard = async (n: number): Promise<readonly string[]> => {
    const [row] = await toy.rows<{ body: { heard: string[] } }>('select body from note where id = $1', [idOf('note', patient(n))]);
    return row?.body.heard ?? [];
  };
  const next = async (partition = 0): Promise<number> =>
    (await toy.rows<{ n: number }>('select next_offset as n from position where partition = $1', [partition]))[0]!.n;
  const parked = (): Promise<{ key: string; state: string; reason: string; offset: number }[]> =>
    toy.rows('select key, state, reason, log_offset as "offset" from parked order by id');
  const of = (n: number, offset: number, version: number, partition = 0): BusRecord => record(offset, { key: patient(n), version, partition });

  it('handles a batch over several partitions in one transaction and moves every position', async () => {
    const { runner, settled } = await started(notes);
    expect(await runner.deliver([of(1, 0, 1), of(2, 0, 1, 1), of(1, 1, 2), of(3, 0, 1, 2)])).toEqual([]);
    expect(await heard(1)).toEqual(['1', '2']);
    expect([await next(0), await next(1), await next(2)]).toEqual([2, 1, 1]);
    expect(settled.map((one) => one.outcome)).toEqual(['handled', 'handled', 'handled', 'handled']);
    expect(await toy.rows('select distinct xmin from note')).toHaveLength(1);
    expect(await toy.rows(`select distinct headers->>'ce_causationid' from outbox`)).toHaveLength(4);
  });

  it('costs the same statements whatever the number of messages', async () => {
    const { runner } = await started(notes);
    const count = jest.spyOn(PgSql.prototype, 'prepared');
    await runner.deliver([of(1, 0, 1)]);
    const one = count.mock.calls.length;
    count.mockClear();
    await runner.deliver(Array.from({ length: 100 }, (_, i) => of(i % 9, i + 1, i + 2)));
    // Positions, claim, streams, aliases, one kind read, one table written, events, receipts; begin and commit beside.
    expect([one, count.mock.calls.length]).toEqual([8, 8]);
    count.mockRestore();
  });

  it('takes a message once, whether its producer sent it twice or it stands twice in one batch', async () => {
    const { runner, settled } = await started(notes);
    await runner.deliver([of(1, 0, 1), { ...of(1, 0, 1), offset: 1 }]);
    await runner.deliver([{ ...of(1, 0, 1), offset: 2 }, of(1, 3, 2)]);
    expect(await heard(1)).toEqual(['1', '2']);
    expect(settled.map((one) => one.outcome)).toEqual(['handled', 'repeat', 'repeat', 'handled']);
    expect(await next()).toBe(4);
  });

  it('drops what lies below the position without looking at the inbox', async () => {
    const { runner, settled } = await started(notes);
    await runner.deliver([of(1, 0, 1), of(1, 1, 2)]);
    await toy.rows('truncate inbox, applied');
    await runner.deliver([of(1, 0, 1), of(1, 1, 2), of(1, 2, 3)]);
    expect(await heard(1)).toEqual(['1', '2', '3']);
    expect(settled).toHaveLength(3);
  });

  it('seeks back when a batch begins above the position, stops at a hole, and reports it when it comes again', async () => {
    const { runner } = await started(notes);
    await runner.deliver([of(1, 0, 1)]);
    expect(await runner.deliver([of(1, 3, 4), of(2, 0, 1, 1)])).toEqual([{ topic: 'intake', partition: 0, offset: 1 }]);
    expect([await heard(1), await heard(2)]).toEqual([['1'], ['1']]);
    expect(runner.mismatches()).toEqual([]);
    expect(await runner.deliver([of(1, 1, 2), of(1, 3, 4)])).toEqual([{ topic: 'intake', partition: 0, offset: 2 }]);
    expect(await runner.deliver([of(1, 3, 4)])).toEqual([{ topic: 'intake', partition: 0, offset: 2, leave: true }]);
    expect(runner.mismatches()).toEqual([{ topic: 'intake', partition: 0, reason: 'gap', position: 2 }]);
    expect(await runner.deliver([of(1, 2, 3), of(1, 3, 4)])).toEqual([]);
    expect(await heard(1)).toEqual(['1', '2', '3', '4']);
    expect(runner.mismatches()).toEqual([]);
  });

  it('skips an older or equal version of a subject, also within one batch', async () => {
    const { runner, settled } = await started(notes);
    const repeated = (offset: number, version: number): BusRecord => ({ ...of(1, offset, version), headers: { ...of(1, offset, version).headers, ce_id: idOf('again', offset) } });
    await runner.deliver([of(1, 0, 2), repeated(1, 1), repeated(2, 2), of(1, 3, 3)]);
    await runner.deliver([repeated(4, 3), of(1, 5, 4)]);
    expect(await heard(1)).toEqual(['2', '3', '4']);
    expect(settled.filter((one) => one.outcome === 'stale')).toHaveLength(3);
    expect(await toy.rows('select 1 from outcome')).toEqual([]);
  });

  it('passes over types that are routed elsewhere, unread', async () => {
    const { runner, settled } = await started(notes);
    await runner.deliver([record(0, { headers: { ce_type: 'care.encounter.recorded.v1' }, value: '{not json' }), record(1, { headers: { ce_type: 'care.patient.recorded.v2' } })]);
    expect([await next(), settled, await parked(), await toy.rows('select 1 from inbox')]).toEqual([2, [], [], []]);
  });

  it('keeps nothing of a message that fails, parks it with its followers, and lets its neighbours keep their effects', async () => {
    const { runner } = await started(failing({ 2: () => new Error('no such thing') }));
    await runner.deliver([of(1, 0, 1), of(2, 1, 1), of(1, 2, 2), of(2, 3, 3), of(1, 4, 3)]);
    await runner.deliver([of(1, 5, 4), of(2, 6, 4)]);
    expect([await heard(1), await heard(2)]).toEqual([['1'], ['1', '3', '4']]);
    expect(await parked()).toEqual([
      { key: patient(1), state: 'parked', reason: 'failed', offset: 2 },
      { key: patient(1), state: 'behind', reason: 'behind', offset: 4 },
      { key: patient(1), state: 'behind', reason: 'behind', offset: 5 },
    ]);
    expect(await toy.rows('select 1 from outbox')).toHaveLength(4);
    expect(await toy.rows('select 1 from inbox')).toHaveLength(7);
    const [row] = await toy.rows<{ record: string; detail: string }>('select record, detail from parked order by id limit 1');
    expect(JSON.parse(row!.record)).toEqual(JSON.parse(JSON.stringify(of(1, 2, 2))));
    expect(row!.detail).toContain('no such thing');
  });

  it('counts a refusal with its reason, keeps nothing of it, and goes on with the same key', async () => {
    const { runner } = await started(failing({ 2: refused }));
    await runner.deliver([of(1, 0, 1), of(1, 1, 2), of(1, 2, 3)]);
    expect(await heard(1)).toEqual(['1', '3']);
    expect(await parked()).toEqual([]);
    expect(await toy.rows('select outcome, reason, subject, log_offset from outcome')).toEqual([{ outcome: 'refused', reason: 'closed', subject: patient(1), log_offset: 1 }]);
  });

  it('parks what it cannot read: under its key when it has one, alone when it has none', async () => {
    const { runner } = await started(notes);
    await runner.deliver([
      record(0, { value: '{"half' }),
      of(1, 1, 2),
      record(2, { key: null, subject: patient(2), version: 1 }),
      record(3, { key: 'not a patient', subject: patient(3), version: 1 }),
      of(2, 4, 2),
      record(5, { key: patient(4), value: '{"patientId":"x"}' }),
      record(6, { key: patient(5), headers: { ce_id: 'x\u0000y' }, value: 'a\u0000\ud800' }),
      record(7, { key: patient(6), subject: patient(7) }),
      { ...record(8, { key: patient(8) }), value: null, raw: '/w==' },
    ]);
    expect((await parked()).map((row) => [row.offset, row.state, row.reason])).toEqual([
      [0, 'parked', 'undecodable'], [1, 'behind', 'behind'], [2, 'parked', 'no-key'], [3, 'parked', 'invalid'],
      [5, 'parked', 'invalid'], [6, 'parked', 'undecodable'], [7, 'parked', 'invalid'], [8, 'parked', 'undecodable'],
    ]);
    expect([await heard(2), await next()]).toEqual([['2'], 9]);
  });

  it('finds the one whose own statement broke the transaction, and the one whose row cannot be written', async () => {
    const breaking: Handler = async (message, unit) => {
      await notes(message, unit);
      if (message.version === 2) await unit.sql.query('select 1/0').catch(() => undefined);
    };
    const first = await started(breaking);
    await first.runner.deliver([of(1, 0, 1), of(1, 1, 2), of(2, 2, 3), of(1, 3, 3)]);
    expect([await heard(1), await heard(2)]).toEqual([['1'], ['3']]);
    const unwritable: Handler = async (message, unit) => {
      await notes(message, unit);
      if (message.version === 5) unit.ask({ name: 'bad\u0000name', rowId: patient(1), patientId: patient(3), dueAt: unit.now });
    };
    const second = toyRunner(toy.dataSource, log, unwritable);
    await second.runner.deliver([of(3, 4, 4), of(3, 5, 5), of(4, 6, 6)]);
    expect([await heard(3), await heard(4)]).toEqual([['4'], ['6']]);
    expect((await parked()).map((row) => [row.offset, row.state])).toEqual([[1, 'parked'], [3, 'behind'], [5, 'parked']]);
    expect(await toy.rows('select 1 from attempt')).toEqual([]);
  });

  it('tries a passing failure again with the batch, then singly, then lets it wait with its followers', async () => {
    let tries = 0;
    const { runner } = await started(failing({ 2: () => (tries++, Object.assign(new Error('lock'), { code: '55P03' })) }));
    await runner.deliver([of(1, 0, 1), of(1, 1, 2), of(1, 2, 3), of(2, 3, 3)]);
    expect(tries).toBe(3 + 4);
    expect([await heard(1), await heard(2)]).toEqual([['1'], ['3']]);
    expect((await parked()).map((row) => [row.offset, row.state, row.reason])).toEqual([[1, 'waiting', 'unavailable'], [2, 'behind', 'behind']]);
    expect(await toy.rows('select 1 from attempt')).toEqual([]);
  });

  it('goes on when a connection is cut off in the middle of a batch', async () => {
    let cut = false;
    const { runner } = await started(async (message, unit) => {
      await notes(message, unit);
      if (message.version !== 2 || cut) return;
      cut = true;
      const [row] = await unit.sql.query<{ pid: number }>('select pg_backend_pid() as pid');
      await withConnection(toy.dataSource, (sql) => sql.query('select pg_terminate_backend($1)', [row!.pid]));
    });
    await runner.deliver([of(1, 0, 1), of(1, 1, 2), of(1, 2, 3)]);
    expect(await heard(1)).toEqual(['1', '2', '3']);
    expect(await parked()).toEqual([]);
  });

  it('parks nothing in an outage: the batch comes again', async () => {
    const gone = await toy.copy();
    const { runner } = await started(notes, gone);
    await gone.destroy();
    await expect(runner.deliver([of(1, 0, 1)])).rejects.toThrow();
    const again = await started(notes);
    await again.runner.deliver([of(1, 0, 1)]);
    expect([await heard(1), await parked()]).toEqual([['1'], []]);
  });

  it('two runners on one position: every effect once', async () => {
    const one = await started(notes);
    const two = await started(notes, await toy.copy());
    const batches = Array.from({ length: 20 }, (_, b) => [0, 1, 2].map((i) => of((b * 3 + i) % 4, b * 3 + i, b * 3 + i + 1)));
    log.records.push(...batches.flat());
    await Promise.all([one, two].map(async ({ runner }) => {
      for (const batch of batches) await runner.deliver(batch);
    }));
    const all = (await Promise.all([0, 1, 2, 3].map(heard))).flat();
    expect(all.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(await toy.rows('select 1 from outbox')).toHaveLength(60);
    expect([...one.settled, ...two.settled]).toHaveLength(60);
  });

  it('after a second death takes messages one by one, and parks the one that the process died over three times more', async () => {
    let die = (): void => undefined;
    const never = new Promise<void>(() => undefined);
    /** Dies in the middle of version 3: its connection closes, and nothing of it ever goes on. */
    const deadly: Handler = async (message, unit) => {
      await notes(message, unit);
      if (message.version !== 3) return;
      const [row] = await unit.sql.query<{ pid: number }>('select pg_backend_pid() as pid');
      await withConnection(toy.dataSource, (sql) => sql.query('select pg_terminate_backend($1)', [row!.pid]));
      die();
      await never;
    };
    const batch = [of(2, 0, 1), of(1, 1, 3), of(1, 2, 4), of(2, 3, 5)];
    log.records.push(...batch);
    const life = async (): Promise<'lived' | 'died'> => {
      const { runner } = await started(deadly, await toy.copy('killed'));
      return Promise.race([runner.deliver(batch).then(() => 'lived' as const), new Promise<'died'>((resolve) => (die = () => resolve('died')))]);
    };
    const lives: string[] = [];
    while (lives.at(-1) !== 'lived' && lives.length < 9) lives.push(await life());
    // The first death is nobody's; the second was counted for the whole batch, two more for this message alone.
    expect(lives).toEqual(['died', 'died', 'died', 'died', 'lived']);
    expect((await parked()).map((row) => [row.offset, row.state, row.reason])).toEqual([[1, 'parked', 'process-died'], [2, 'behind', 'behind']]);
    expect([await heard(1), await heard(2)]).toEqual([[], ['1', '5']]);
  });

  it('after a kill that no message caused takes what stood in the log as batches', async () => {
    await started(notes, await toy.copy('killed'));
    const batch = Array.from({ length: 60 }, (_, i) => of(i % 7, i, i + 1));
    log.records.push(...batch);
    const { runner } = await started(notes, await toy.copy());
    const count = jest.spyOn(PgSql.prototype, 'prepared');
    await runner.deliver(batch);
    // Beside the eight of any batch: who died here, the try written down, and taken away again.
    expect(count.mock.calls.length).toBe(11);
    count.mockRestore();
    expect(await toy.rows('select 1 from attempt')).toEqual([]);
    expect((await Promise.all([0, 1, 2, 3, 4, 5, 6].map(heard))).flat()).toHaveLength(60);
  });

  it('a counted batch that fails is tried on, and no death is put down to it', async () => {
    await started(notes, await toy.copy('killed'));
    const batch = [of(1, 0, 1), of(2, 1, 2), of(1, 2, 3)];
    log.records.push(...batch);
    const broken: Handler = async (message, unit) => {
      if (message.version === 2) await unit.sql.query('select 1 / 0');
      await notes(message, unit);
    };
    const { runner } = await started(broken, await toy.copy());
    await runner.deliver(batch);
    expect((await parked()).map((row) => [row.offset, row.state])).toEqual([[1, 'parked']]);
    expect(await heard(1)).toEqual(['1', '3']);
    expect(await toy.rows('select 1 from attempt where tries > failures')).toEqual([]);
  });

  it('after an orderly stop takes batches again', async () => {
    const one = await started(notes);
    await one.runner.deliver([of(1, 0, 1)]);
    expect(await toy.rows('select distinct clean from position')).toEqual([{ clean: false }]);
    await one.runner.stop();
    expect(await toy.rows('select distinct clean from position')).toEqual([{ clean: true }]);
  });

  it('does not let a late leaver speak for the new owner', async () => {
    const one = await started(notes);
    await started(notes, await toy.copy());
    await one.runner.revoked(ALL);
    expect(await toy.rows('select distinct clean from position')).toEqual([{ clean: false }]);
  });

  it('begins anew when a handler merged two people meanwhile', async () => {
    const { runner } = await started(notes);
    await runner.deliver([of(1, 0, 1), of(2, 1, 2)]);
    await toy.rows('insert into patient_alias values ($1, $2)', [patient(1), patient(2)]);
    await runner.deliver([of(1, 2, 3), of(2, 3, 4)]);
    expect([await heard(1), await heard(2)]).toEqual([['1', '3'], ['2', '4']]);
  });

  describe('position check at assignment', () => {
    const read = async (): Promise<ToyRunner> => {
      log.records.push(of(1, 0, 1), of(1, 1, 2), of(1, 2, 3));
      const made = await started(notes);
      await made.runner.deliver(log.records);
      return made;
    };
    const again = async (): Promise<ToyRunner & { seeks: readonly unknown[] }> => {
      const made = toyRunner(toy.dataSource, log, notes);
      return { ...made, seeks: await made.runner.assigned([{ topic: 'intake', partition: 0 }]) };
    };

    it('goes on where it was', async () => {
      await read();
      expect((await again()).seeks).toEqual([{ topic: 'intake', partition: 0, offset: 3 }]);
    });
    it('leaves out a log of another cluster', async () => {
      await read();
      log.cluster = 'cluster-2';
      const { seeks, runner } = await again();
      expect([seeks, runner.mismatches()]).toEqual([[], [{ topic: 'intake', partition: 0, reason: 'other-cluster', position: 3 }]]);
      expect(await runner.deliver([of(1, 3, 4)])).toEqual([{ topic: 'intake', partition: 0, offset: 3, leave: true }]);
      expect([await heard(1), runner.mismatches().length]).toEqual([['1', '2', '3'], 1]);
    });
    it('leaves out a log with another record before the position', async () => {
      await read();
      log.records[2] = of(7, 2, 9);
      const { seeks, runner } = await again();
      expect([seeks, runner.mismatches()]).toMatchObject([[], [{ reason: 'other-record', position: 3 }]]);
    });
    it('leaves out a log that ends below the position, and takes it again once it agrees', async () => {
      await read();
      const lost = log.records.splice(1);
      const { seeks, runner } = await again();
      expect([seeks, runner.mismatches()]).toMatchObject([[], [{ reason: 'outside', position: 3 }]]);
      log.records.push(...lost);
      expect(await runner.assigned([{ topic: 'intake', partition: 0 }])).toHaveLength(1);
      expect(runner.mismatches()).toEqual([]);
    });
    it('leaves out a log that begins above the position', async () => {
      await read();
      log.low = 5;
      expect((await again()).runner.mismatches()).toMatchObject([{ reason: 'outside' }]);
    });
    it('sees that the topic was made anew under it, reads nothing of it, and goes on after the operator\'s word', async () => {
      log.records.push(of(1, 0, 1), of(1, 1, 2), of(1, 2, 3));
      const { runner } = await started(notes);
      await runner.deliver(log.records);
      log.records.splice(0, 3, of(2, 0, 1));
      expect(await runner.deliver(log.records)).toEqual([{ topic: 'intake', partition: 0, offset: 3, leave: true }]);
      expect([runner.mismatches(), await heard(2)]).toMatchObject([[{ reason: 'outside', position: 3 }], []]);
      log.records.push(of(2, 1, 2), of(2, 2, 3), of(2, 3, 4));
      const whole = [{ topic: 'intake', partition: 0 }];
      expect([await runner.assigned(whole), runner.mismatches(), await heard(2)]).toMatchObject([[], [{ reason: 'other-record' }], []]);

      const moves = await inTransaction(toy.dataSource, (sql) => resetPositions(sql, log, 'intake', 'earliest', 0));
      expect(moves).toEqual([{ topic: 'intake', partition: 0, from: 3, to: 0, skipped: 0 }]);
      expect([await runner.assigned(whole), runner.mismatches()]).toEqual([[{ topic: 'intake', partition: 0, offset: 0 }], []]);
      await runner.deliver(log.records);
      expect([await heard(2), await next(0), runner.mismatches()]).toEqual([['1', '2', '3', '4'], 4, []]);
    });
    it('sees it also when the new log has grown beyond the position by then', async () => {
      log.records.push(of(1, 0, 1), of(1, 1, 2));
      const { runner } = toyRunner(toy.dataSource, log, notes, { silenceMs: 0 });
      await runner.assigned(ALL);
      await runner.deliver(log.records);
      log.records.splice(0, 2, of(2, 0, 1), of(2, 1, 2), of(2, 2, 3));
      expect(await runner.deliver([of(2, 2, 3)])).toEqual([{ topic: 'intake', partition: 0, offset: 2, leave: true }]);
      expect([runner.mismatches(), await heard(2)]).toMatchObject([[{ reason: 'other-record', position: 2 }], []]);
    });
    it('sees it also while nothing comes, and goes back where an operator has put a position back', async () => {
      const { runner } = await read();
      expect(await runner.astray('intake')).toEqual([]);
      await inTransaction(toy.dataSource, (sql) => resetPositions(sql, log, 'intake', 1, 0));
      expect(await runner.astray('intake')).toEqual([{ topic: 'intake', partition: 0, offset: 1 }]);
      await runner.deliver(log.records.slice(1));
      expect([await runner.astray('intake'), await heard(1)]).toEqual([[], ['1', '2', '3']]);
      log.records.splice(0);
      expect(await runner.astray('intake')).toEqual([{ topic: 'intake', partition: 0, offset: 3, leave: true }]);
    });
    it('goes on behind a hole when an operator says so, and says what was skipped', async () => {
      await read();
      log.low = 5;
      log.records.push(of(1, 5, 6), of(1, 6, 7));
      const { runner } = await again();
      expect(runner.mismatches()).toMatchObject([{ reason: 'outside', position: 3 }]);
      const reset = (to: ResetTo) => inTransaction(toy.dataSource, (sql) => resetPositions(sql, log, 'intake', to, 0));
      await expect(reset(9)).rejects.toThrow('Partition 0 of intake holds offsets 5 to 7');
      expect(await reset(6)).toEqual([{ topic: 'intake', partition: 0, from: 3, to: 6, skipped: 1 }]);
      expect(await runner.assigned([{ topic: 'intake', partition: 0 }])).toEqual([{ topic: 'intake', partition: 0, offset: 6 }]);
      await runner.deliver([of(1, 6, 7)]);
      expect([await heard(1), runner.mismatches()]).toEqual([['1', '2', '3', '7'], []]);
    });
    it('begins a partition never read at the first record that is left', async () => {
      log.low = 5;
      expect((await again()).seeks).toEqual([{ topic: 'intake', partition: 0, offset: 5 }]);
    });
  });
});
