import * as fc from 'fast-check';
import { idOf } from '@throughline/kernel/ids';
import type { BusRecord } from '../../src/bus/bus.js';
import { createTransactions } from '../../src/persistence/transactions.js';
import { Bell } from '../../src/runner/bell.js';
import { createParking } from '../../src/runner/parking.js';
import { keysAhead } from '../../src/recovery/keys-ahead.js';
import { HandMadeLog, notes, silent, toyRunner } from '../toy/toy-runner.js';
import type { Handler } from '../toy/toy-runner.js';
import { cause, followUp, NoteRow, patient, record, toyDatabase } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

const PARTITIONS = [0, 1, 2];

type Step =
  | { readonly do: 'deliver'; readonly who: 0 | 1; readonly from: number; readonly length: number }
  | { readonly do: 'both'; readonly from: number; readonly length: number }
  | { readonly do: 'command'; readonly people: readonly number[] }
  | { readonly do: 'replay' }
  | { readonly do: 'merge'; readonly a: number; readonly b: number }
  | { readonly do: 'heal' };

const people = 4;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('deliver' as const), who: fc.constantFrom(0 as const, 1 as const), from: fc.integer({ min: -6, max: 3 }), length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('both' as const), from: fc.integer({ min: -4, max: 1 }), length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('command' as const), people: fc.array(fc.integer({ min: 0, max: people - 1 }), { minLength: 1, maxLength: 3 }) }),
  fc.record({ do: fc.constant('replay' as const) }),
  fc.record({ do: fc.constant('merge' as const), a: fc.integer({ min: 0, max: people - 1 }), b: fc.integer({ min: 0, max: people - 1 }) }),
  fc.record({ do: fc.constant('heal' as const) }),
);

describe('interleavings', () => {
  let toy: ToyDatabase;
  beforeAll(async () => {
    toy = await toyDatabase(8);
  });
  afterAll(() => toy.drop());

  const truncate = (): Promise<unknown> =>
    toy.rows('truncate note, outbox, stream, patient_alias, position, inbox, applied, parked, attempt, outcome');

  /** The same messages, some sent twice, over three partitions by person. */
  const logOf = (length: number, repeats: readonly number[]): HandMadeLog => {
    const log = new HandMadeLog();
    const counts = new Map<number, number>();
    const offsets = [0, 0, 0];
    const add = (made: BusRecord): void => void log.records.push({ ...made, offset: offsets[made.partition]!++ });
    for (let i = 0; i < length; i++) {
      const who = (i * 7 + (i % 3)) % people;
      const version = (counts.get(who) ?? 0) + 1;
      counts.set(who, version);
      const made = record(0, { key: patient(who), partition: who % 3, version });
      add(made);
      if (repeats.includes(i)) add(made);
    }
    return log;
  };

  it('whatever the order of deliveries, repeats, failures, replays, commands and merges: every message has its effect once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), fc.array(fc.nat(39), { maxLength: 6 }), fc.array(fc.nat(9), { maxLength: 3 }), async (steps, repeats, ill) => {
        await truncate();
        const log = logOf(40, repeats);
        let failing = new Set(ill);
        const handler: Handler = async (message, unit) => {
          await notes(message, unit);
          if (failing.has(message.version!)) throw new Error('ill');
        };
        const runners = [toyRunner(toy.dataSource, log, handler).runner, toyRunner(toy.dataSource, log, handler).runner];
        for (const runner of runners) await runner.assigned(PARTITIONS.map((partition) => ({ topic: 'intake', partition })));
        const parking = createParking({ dataSource: toy.dataSource, clock: { now: () => new Date() }, logger: silent, handlingOf: () => runners[0]!.handling });
        const transactions = createTransactions({ service: 'scheduling', dataSource: toy.dataSource, clock: { now: () => new Date() }, bell: new Bell() });
        const commands = new Map<number, number>();
        const slice = async (from: number, length: number): Promise<BusRecord[]> => {
          const rows = await toy.rows<{ partition: number; n: number }>('select partition, next_offset as n from position');
          return rows.flatMap(({ partition, n }) => log.records.filter((r) => r.partition === partition && r.offset >= n + from && r.offset < n + from + length));
        };
        const deliver = async (who: number, records: BusRecord[]): Promise<void> => {
          if (records.length > 0) await runners[who]!.deliver(records);
        };
        const command = async (who: number): Promise<void> => {
          commands.set(who, (commands.get(who) ?? 0) + 1);
          await transactions.inPatients([patient(who), patient((who + 1) % people)], cause(), async (unit) => {
            const id = idOf('command-note', who);
            const version = ((await unit.rows(NoteRow).get(patient(who), id))?.version ?? 0) + 1;
            unit.rows(NoteRow).put(Object.assign(new NoteRow(), { id, patientId: patient(who), version, at: null, body: { heard: [] } }));
            unit.publish(followUp(patient(who), id, version));
          });
        };
        const act = async (one: Step): Promise<void> => {
          if (one.do === 'deliver') await deliver(one.who, await slice(one.from, one.length));
          if (one.do === 'both') {
            const same = await slice(one.from, one.length);
            await Promise.all([deliver(0, same), deliver(1, same), command(one.length % people)]);
          }
          if (one.do === 'command') await Promise.all(one.people.map(command));
          if (one.do === 'heal') failing = new Set();
          if (one.do === 'replay') for (const row of await parking.list({ limit: 3 })) await parking.replay(row.id);
          if (one.do === 'merge' && one.a !== one.b) await toy.rows('insert into patient_alias values ($1, $2) on conflict do nothing', [patient(one.a), patient(one.b)]);
        };
        for (const one of steps) await act(one);

        failing = new Set();
        for (const runner of runners) await runner.deliver(await slice(0, 100));
        for (let rows = await parking.list({ limit: 1 }); rows.length > 0; rows = await parking.list({ limit: 1 })) await parking.replay(rows[0]!.id);
        for (let who = 0; who < people; who++) {
          const [row] = await toy.rows<{ body: { heard: string[] } }>('select body from note where id = $1', [idOf('note', patient(who))]);
          const sent = new Set(log.records.filter((r) => r.key === patient(who)).map((r) => (JSON.parse(r.value!) as { version: number }).version));
          expect(row?.body.heard).toEqual([...sent].map(String));
        }
        const events = await toy.rows<{ key: string; seq: number }>('select key, seq from outbox order by id');
        expect(events).toHaveLength(40 + [...commands.values()].reduce((a, b) => a + b, 0));
        const last = new Map<string, number>();
        for (const { key, seq } of events) {
          expect(seq).toBe((last.get(key) ?? 0) + 1);
          last.set(key, seq);
        }
      }),
      { numRuns: 25 },
    );
  }, 240_000);

  it('a whole topic again, with positions at 0 and the inbox emptied, changes no row and publishes nothing; without the versions it would', async () => {
    await truncate();
    const log = logOf(60, [5, 17]);
    const { runner } = toyRunner(toy.dataSource, log, notes);
    const again = async (): Promise<string> => {
      await toy.rows('truncate inbox');
      await toy.rows('update position set next_offset = 0, last_event_id = null');
      await runner.assigned(PARTITIONS.map((partition) => ({ topic: 'intake', partition })));
      await runner.deliver(log.records);
      const tables = await Promise.all(['note', 'outbox', 'stream', 'applied', 'outcome', 'parked', 'job_request'].map((table) => toy.rows(`select t::text, xmin::text from ${table} t order by 1`)));
      return JSON.stringify(tables);
    };
    await runner.assigned(PARTITIONS.map((partition) => ({ topic: 'intake', partition })));
    const first = await again();
    const events = (await toy.rows('select 1 from outbox')).length;
    expect(events).toBe(60);
    expect(await again()).toBe(first);
    await toy.rows('truncate applied');
    await again();
    expect((await toy.rows('select 1 from outbox')).length).toBeGreaterThan(events);
  });

  it('detects that the own topic is ahead of the streams', async () => {
    await truncate();
    const log = new HandMadeLog();
    const published = (offset: number, n: number, seq: number): BusRecord =>
      record(offset, { topic: 'scheduling', key: patient(n), headers: { ce_partitionkey: patient(n), ce_sequence: String(seq).padStart(16, '0') } });
    log.records.push(published(0, 1, 1), published(1, 2, 1), published(2, 1, 2));
    expect((await keysAhead(toy.dataSource, log, 'scheduling')).length).toBe(2);
    await toy.rows('insert into stream values ($1, 2), ($2, 5)', [patient(1), patient(2)]);
    expect(await keysAhead(toy.dataSource, log, 'scheduling')).toEqual([]);
    log.records.push(published(3, 1, 3));
    expect(await keysAhead(toy.dataSource, log, 'scheduling')).toEqual([patient(1)]);
  });
});
