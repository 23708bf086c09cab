import { randomUUID } from 'node:crypto';
import type { BusRecord } from '../../src/bus/bus.js';
import { inTransaction, withConnection } from '../../src/persistence/database.js';
import type { Sql } from '../../src/persistence/sql.js';
import { Bell } from '../../src/runner/bell.js';
import type { KeyResolver } from '../../src/runner/key-resolver.js';
import { createLogSource } from '../../src/runner/log-source.js';
import { createParking } from '../../src/runner/parking.js';
import { createTableLog, takeOffsets } from '../../src/runner/table-log.js';
import { createTopicRunner } from '../../src/runner/topic-runner.js';
import { silent } from '../toy/toy-runner.js';
import { NoteRow, patient, toyDatabase } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

/** The toy's inbound messages: whom they are about is looked up in a table, as intake looks up identifiers. */
const read = async (sql: Sql, from: number, limit: number): Promise<readonly BusRecord[]> => {
  const rows = await sql.query<{ id: string; log_offset: number; patient: string | null; body: string }>(
    'select id, log_offset, patient, body from inbound where log_offset >= $1 order by log_offset limit $2',
    [from, limit],
  );
  return rows.map((row) => ({ topic: 'inbound', partition: 0, offset: row.log_offset, key: row.patient, headers: { ce_id: row.id }, value: row.body, at: new Date(0) }));
};
const resolver: KeyResolver = {
  keysOf: async (records) => records.map(({ key }) => (key === null ? [] : key.split('+'))),
};

describe('log source', () => {
  let toy: ToyDatabase;
  const bell = new Bell();
  const clock = { now: () => new Date() };
  let broken: string | undefined;
  let order: string[] = [];

  beforeAll(async () => {
    toy = await toyDatabase(8);
  });
  afterAll(() => toy.drop());
  beforeEach(async () => {
    await toy.rows('truncate note, inbound, log_head, stream, position, inbox, parked, applied, outcome');
    broken = undefined;
    order = [];
  });

  const append = async (bodies: readonly (readonly [string | null, string])[], pause = 0): Promise<void> => {
    await inTransaction(toy.dataSource, async (sql) => {
      const first = await takeOffsets(sql, 'inbound', bodies.length);
      for (const [index, [who, body]] of bodies.entries()) await sql.query('insert into inbound values ($1, $2, $3, $4)', [randomUUID(), first + index, who, body]);
      if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
      if (body(bodies).includes('rolled back')) throw new Error('rolled back');
    }).catch((error: Error) => {
      if (error.message !== 'rolled back') throw error;
    });
    bell.ring();
  };
  const body = (bodies: readonly (readonly [string | null, string])[]): string => bodies.map(([, text]) => text).join();

  const parts = () => {
    const log = createTableLog({ dataSource: toy.dataSource, log: 'inbound', read });
    const consumer = createTopicRunner<'intake'>({
      service: 'intake',
      dataSource: toy.dataSource,
      clock,
      bell: new Bell(),
      log,
      logger: silent,
      resolver,
      read: ({ headers, value }) => ({ id: headers['ce_id']!, type: 'inbound', cause: { correlationId: headers['ce_id']!, causationId: headers['ce_id']!, actor: 'service:intake' }, payload: value }),
      dispatch: async (message, unit) => {
        const text = message.payload as string;
        if (text === broken) throw new Error('cannot');
        order.push(text);
        const [who, version] = text.split(':');
        if (version) unit.rows(NoteRow).put(Object.assign(new NoteRow(), { id: patient(Number(who)), patientId: patient(Number(who)), version: Number(version), at: null, body: { heard: [] } }));
      },
    });
    return { log, consumer, source: createLogSource({ log, consumer, bell, logger: silent, pollMs: 20 }) };
  };
  const until = async (done: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('reads every committed row once and in offset order, with appenders side by side and roll-backs', async () => {
    const { source, consumer } = parts();
    source.start();
    await Promise.all(
      Array.from({ length: 6 }, async (_, w) => {
        for (let i = 0; i < 25; i++) await append([[null, `${w}-${i}a`], [null, i % 7 === 3 ? 'rolled back' : `${w}-${i}b`]], i % 5 === 0 ? 3 : 0);
      }),
    );
    const rows = await toy.rows<{ log_offset: number; body: string }>('select log_offset, body from inbound order by log_offset');
    expect(rows.map((row) => row.log_offset)).toEqual(rows.map((_, i) => i));
    await until(() => order.length === rows.length);
    expect(order).toEqual(rows.map((row) => row.body));
    await source.stop();
    await consumer.stop();
    expect(await toy.rows('select next_offset, clean from position')).toEqual([{ next_offset: rows.length, clean: true }]);
  });

  it('goes on where it was, and reports a log that is another one', async () => {
    const first = parts();
    first.source.start();
    await append([[null, 'a'], [null, 'b']]);
    await until(() => order.length === 2);
    await first.source.stop();
    await append([[null, 'c']]);
    const second = parts();
    second.source.start();
    await until(() => order.length === 3);
    await second.source.stop();
    await toy.rows('update inbound set id = $1 where log_offset = 2', [randomUUID()]);
    const third = parts();
    expect(await third.consumer.assigned([{ topic: 'inbound', partition: 0 }])).toEqual([]);
    expect(third.consumer.mismatches()).toMatchObject([{ reason: 'other-record', position: 3 }]);
  });

  it('parks per patient, a message about two patients behind either, and replays in order', async () => {
    const { source, consumer } = parts();
    const parking = createParking({ dataSource: toy.dataSource, clock, logger: silent, handlingOf: () => consumer.handling });
    broken = '1:1';
    await append([[patient(1), '1:1'], [patient(2), '2:1'], [`${patient(1)}+${patient(2)}`, 'both'], [patient(2), '2:2'], [patient(3), '3:1'], [null, 'nobody']]);
    source.start();
    await until(() => order.length === 3);
    await source.stop();
    expect(order).toEqual(['2:1', '3:1', 'nobody']);
    expect((await parking.list({ limit: 9 })).map((row) => [row.offset, row.state])).toEqual([[0, 'parked'], [2, 'behind'], [3, 'behind']]);
    broken = undefined;
    const last = (await parking.list({ limit: 9 })).at(-1)!;
    expect(await parking.replay(last.id)).toEqual({ outcome: 'done', replayed: 3, left: 0 });
    expect(order).toEqual(['2:1', '3:1', 'nobody', '1:1', 'both', '2:2']);
    expect(await withConnection(toy.dataSource, (sql) => sql.query('select 1 from note'))).toHaveLength(3);
  });
});
