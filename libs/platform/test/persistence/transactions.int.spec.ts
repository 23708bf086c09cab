import { randomUUID } from 'node:crypto';
import { eventId, idOf } from '@throughline/kernel/ids';
import { Refused } from '@throughline/kernel/refused';
import { systemClock } from '@throughline/kernel/clock';
import { withConnection } from '../../src/persistence/database.js';
import { createTransactions } from '../../src/persistence/transactions.js';
import type { Transactions } from '../../src/persistence/unit.js';
import { Bell } from '../../src/runner/bell.js';
import { cause, followUp, NoteRow, patient, toyDatabase, TraceRow } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

const note = (id: string, patientId: string, version: number, heard: readonly string[] = []): NoteRow =>
  Object.assign(new NoteRow(), { id, patientId, version, at: null, body: { heard } });

describe('transactions', () => {
  let toy: ToyDatabase;
  let transactions: Transactions<'scheduling'>;
  const bell = new Bell();
  let rung = 0;

  beforeAll(async () => {
    toy = await toyDatabase(8);
    bell.listen(() => rung++);
    transactions = createTransactions({ service: 'scheduling', dataSource: toy.dataSource, clock: systemClock, bell });
  });
  afterAll(() => toy.drop());
  beforeEach(async () => {
    await toy.rows('truncate note, trace, outbox, job_request, stream, patient_alias');
    rung = 0;
  });

  it('writes rows, events with their whole envelope, and job requests, then rings', async () => {
    const id = randomUUID();
    const why = cause();
    const dueAt = new Date('2026-03-08T12:00:00.123Z');
    await transactions.inPatients([patient(1)], { ...why, traceparent: '00-a-b-01' }, async (unit) => {
      unit.rows(NoteRow).put(note(id, patient(1), 1, ['it\'s "quoted"', 'x']));
      unit.append(TraceRow, { id, text: 'first' });
      unit.publish(followUp(patient(1), id, 1), followUp(patient(1), id, 2));
      unit.ask({ name: 'due', rowId: id, patientId: patient(1), dueAt });
      unit.ask({ name: 'due', rowId: id, patientId: patient(1), dueAt });
    });
    expect(rung).toBe(1);
    expect(await toy.rows('select * from note')).toEqual([{ id, patient_id: patient(1), version: 1, at: null, body: { heard: ['it\'s "quoted"', 'x'] } }]);
    const events = await toy.rows<{ headers: Record<string, string>; value: string; key: string; seq: number }>('select * from outbox order by id');
    expect(events.map((event) => event.seq)).toEqual([1, 2]);
    expect(events[0]!.headers).toMatchObject({
      ce_id: eventId('care.follow-up.requested.v1', id, 1),
      ce_source: '/throughline/scheduling',
      ce_type: 'care.follow-up.requested.v1',
      ce_subject: id,
      ce_partitionkey: patient(1),
      ce_sequence: '0000000000000001',
      ce_correlationid: why.correlationId,
      ce_causationid: why.causationId,
      ce_traceparent: '00-a-b-01',
      'content-type': 'application/json',
    });
    expect(JSON.parse(events[1]!.value)).toEqual(followUp(patient(1), id, 2).data);
    expect(await toy.rows('select name, row_id, due_at from job_request')).toEqual([{ name: 'due', row_id: id, due_at: dueAt }]);
    expect(await toy.rows('select seq from stream')).toEqual([{ seq: 2 }]);
  });

  it('keeps nothing of work that refused, and does not ring', async () => {
    const refusal = transactions.inPatients([patient(1)], cause(), async (unit) => {
      unit.rows(NoteRow).put(note(randomUUID(), patient(1), 1));
      throw new Refused('closed', 'It is closed.');
    });
    await expect(refusal).rejects.toBeInstanceOf(Refused);
    expect(await toy.rows('select 1 from note')).toEqual([]);
    expect(rung).toBe(0);
  });

  it('reads rows of all aliases of a person, staged ones included, and refuses a person it has not locked', async () => {
    await toy.rows('insert into patient_alias values ($1, $2), ($3, $2)', [patient(2), patient(1), patient(3)]);
    await transactions.inPatients([patient(2)], cause(), async (unit) => unit.rows(NoteRow).put(note(patient(20), patient(2), 1)));
    await transactions.inPatients([patient(3)], cause(), async (unit) => {
      const notes = unit.rows(NoteRow);
      notes.put(note(patient(30), patient(3), 1));
      expect((await notes.of(patient(1))).map((row) => row.id).sort()).toEqual([patient(20), patient(30)].sort());
      expect(await notes.get(patient(1), patient(20))).toMatchObject({ patientId: patient(2) });
      expect(unit.person(patient(3))).toEqual([patient(1), patient(2), patient(3)].sort());
      await expect(notes.of(patient(9))).rejects.toThrow('not locked');
    });
  });

  it('loads each kind once, and only when it is read', async () => {
    await transactions.inPatients([patient(1), patient(2)], cause(), async (unit) => {
      const statements: string[] = [];
      const sql = unit.sql as unknown as { prepared(text: string, params: unknown[]): unknown };
      const before = sql.prepared.bind(sql);
      sql.prepared = (text, params) => (statements.push(text), before(text, params));
      unit.rows(NoteRow).put(note(patient(10), patient(1), 1));
      expect(statements).toEqual([]);
      await Promise.all([unit.rows(NoteRow).of(patient(1)), unit.rows(NoteRow).of(patient(2)), unit.rows(NoteRow).get(patient(1), patient(10))]);
      expect(statements).toHaveLength(1);
    });
  });

  it('refuses data that break their schema, without showing them, and events of another service', async () => {
    const broken = followUp(patient(1), 'not-a-uuid', 1);
    await expect(transactions.inPatients([patient(1)], cause(), async (unit) => unit.publish(broken))).rejects.toThrow('care.follow-up.requested.v1 does not match its schema: followUpId invalid_format');
    await expect(
      transactions.inPatients([patient(1)], cause(), async (unit) => unit.publish({ type: 'care.patient.recorded.v1', data: {} } as never)),
    ).rejects.toThrow('scheduling does not publish');
  });

  it('refuses what a forgotten promise stages after the end', async () => {
    let late!: Promise<void>;
    await transactions.inPatients([patient(1)], cause(), async (unit) => {
      late = new Promise<void>((resolve) => setTimeout(resolve, 30)).then(() => unit.rows(NoteRow).put(note(randomUUID(), patient(1), 1)));
    });
    await expect(late).rejects.toThrow('The message is over');
  });

  it('begins anew when an alias appears between the lock and the second look', async () => {
    let tries = 0;
    const first = transactions.inPatients([patient(1)], cause(), async () => {
      // Held while the second writer waits for the lock with its old idea of the person.
      await new Promise((resolve) => setTimeout(resolve, 200));
      await toy.rows('insert into patient_alias values ($1, $2)', [patient(1), patient(2)]);
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = transactions.inPatients([patient(1)], cause(), async (unit) => {
      tries++;
      return unit.person(patient(1));
    });
    await first;
    expect(await second).toEqual([patient(1), patient(2)].sort());
    expect(tries).toBe(1);
  });

  it('tries again when its connection is cut off', async () => {
    let tries = 0;
    await transactions.inPatients([patient(1)], cause(), async (unit) => {
      unit.rows(NoteRow).put(note(patient(10), patient(1), ++tries));
      if (tries > 1) return;
      const [row] = await unit.sql.query<{ pid: number }>('select pg_backend_pid() as pid');
      await withConnection(toy.dataSource, (other) => other.query('select pg_terminate_backend($1)', [row!.pid]));
    });
    expect(await toy.rows('select version from note')).toEqual([{ version: 2 }]);
  });

  it('eight writers on overlapping people with aliases: no deadlock, nothing lost, outbox order = commit order per key', async () => {
    await toy.rows('insert into patient_alias select * from unnest($1::uuid[], $2::uuid[])', [[1, 3, 5, 7].map(patient), [2, 4, 6, 2].map(patient)]);
    const subject = (n: number): string => idOf('subject', n);
    const writer = async (w: number): Promise<void> => {
      for (let round = 0; round < 40; round++) {
        const chosen = [(w * 7 + round) % 10, (w + round * 3) % 10, (round * w) % 10].map((n) => n + 1);
        await transactions.inPatients(chosen.map(patient), cause(), async (unit) => {
          for (const n of new Set(chosen)) {
            const notes = unit.rows(NoteRow);
            const version = ((await notes.get(patient(n), subject(n)))?.version ?? 0) + 1;
            notes.put(note(subject(n), patient(n), version));
            unit.publish(followUp(patient(n), subject(n), version));
          }
        });
      }
    };
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(writer));
    const events = await toy.rows<{ key: string; seq: number; version: number }>(`select key, seq, (value::jsonb->>'version')::int as version from outbox order by id`);
    const next = new Map<string, number>();
    for (const event of events) {
      const expected = (next.get(event.key) ?? 0) + 1;
      expect([event.seq, event.version]).toEqual([expected, expected]);
      next.set(event.key, expected);
    }
    const notes = await toy.rows<{ patient_id: string; version: number }>('select patient_id, version from note');
    expect(new Map(notes.map((row) => [row.patient_id, row.version]))).toEqual(next);
    expect(events.length).toBeGreaterThan(8 * 40 * 2);
  });
});
