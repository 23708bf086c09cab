import { idOf } from '@throughline/kernel/ids';
import { systemClock } from '@throughline/kernel/clock';
import type { DataSource } from 'typeorm';
import type { Bus, OutgoingRecord } from '../../src/bus/bus.js';
import { withConnection } from '../../src/persistence/database.js';
import { createTransactions } from '../../src/persistence/transactions.js';
import { Bell } from '../../src/runner/bell.js';
import { outboxState, startRelay } from '../../src/runner/relay.js';
import type { Relay } from '../../src/runner/relay.js';
import { silent } from '../toy/toy-runner.js';
import { cause, followUp, NoteRow, patient, toyDatabase } from '../toy/toy-service.js';
import type { ToyDatabase } from '../toy/toy-service.js';

/** A bus that takes, refuses, takes and then fails, or never answers, as it is told. */
class MoodyBus {
  readonly kind = 'kafka';
  readonly log: OutgoingRecord[] = [];
  mood: (call: number) => 'take' | 'refuse' | 'take-and-fail' | 'hang' = () => 'take';
  calls = 0;
  inside = 0;
  most = 0;

  async publish(_topic: string, records: readonly OutgoingRecord[]): Promise<void> {
    const mood = this.mood(this.calls++);
    if (mood === 'hang') return new Promise(() => undefined);
    this.most = Math.max(this.most, ++this.inside);
    try {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (mood !== 'refuse') this.log.push(...records);
      if (mood !== 'take') throw new Error('leader not available');
    } finally {
      this.inside--;
    }
  }
}

describe('relay', () => {
  let toy: ToyDatabase;
  let bus: MoodyBus;
  const bell = new Bell();
  const relays: Relay[] = [];

  beforeAll(async () => {
    toy = await toyDatabase(6);
  });
  afterAll(() => toy.drop());
  beforeEach(async () => {
    await toy.rows('truncate note, outbox, stream');
    bus = new MoodyBus();
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  });

  const relay = (dataSource: DataSource = toy.dataSource, sendTimeoutMs = 8_000): Relay => {
    const made = startRelay({ service: 'scheduling', dataSource, bus: bus as unknown as Bus, bell, logger: silent, pollMs: 10, sendTimeoutMs });
    relays.push(made);
    return made;
  };
  const write = async (writers: number, rounds: number): Promise<void> => {
    const transactions = createTransactions({ service: 'scheduling', dataSource: toy.dataSource, clock: systemClock, bell });
    await Promise.all(
      Array.from({ length: writers }, async (_, w) => {
        for (let round = 0; round < rounds; round++) {
          const n = (w + round) % 5;
          await transactions.inPatients([patient(n)], cause(), async (unit) => {
            const id = idOf('subject', n);
            const version = ((await unit.rows(NoteRow).get(patient(n), id))?.version ?? 0) + 1;
            unit.rows(NoteRow).put(Object.assign(new NoteRow(), { id, patientId: patient(n), version, at: null, body: { heard: [] } }));
            unit.publish(followUp(patient(n), id, version));
          });
        }
      }),
    );
  };
  const empty = async (): Promise<void> => {
    while ((await withConnection(toy.dataSource, outboxState)).rows > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  /** First arrivals, per key, as their sequence numbers. */
  const firstArrivals = (): Map<string, string[]> => {
    const seen = new Set<string>();
    const keys = new Map<string, string[]>();
    for (const { key, headers } of bus.log) {
      if (seen.has(headers['ce_id']!)) continue;
      seen.add(headers['ce_id']!);
      keys.set(key, [...(keys.get(key) ?? []), headers['ce_sequence']!]);
    }
    return keys;
  };
  const expectWhole = (total: number): void => {
    const keys = firstArrivals();
    expect([...keys.values()].flat()).toHaveLength(total);
    for (const sequence of keys.values()) expect(sequence.map(Number)).toEqual(sequence.map((_, i) => i + 1));
  };

  it('loses nothing and keeps order per key while the bus fails now and then, with two copies and eight writers', async () => {
    bus.mood = (call) => (['take', 'refuse', 'take', 'take-and-fail'] as const)[call % 4]!;
    relay();
    relay(await toy.copy());
    await write(8, 30);
    await empty();
    expectWhole(240);
    expect(bus.most).toBe(1);
  });

  it('keeps the events while the bus refuses, says so, and sends them when it is back', async () => {
    bus.mood = () => 'refuse';
    const one = relay();
    await write(1, 5);
    while (one.healthy()) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await withConnection(toy.dataSource, outboxState)).rows).toBe(5);
    expect(bus.log).toEqual([]);
    bus.mood = () => 'take';
    await empty();
    expect(one.healthy()).toBe(true);
    expectWhole(5);
  });

  it('gives up a send that never answers, and sends again', async () => {
    bus.mood = (call) => (call === 0 ? 'hang' : 'take');
    relay(toy.dataSource, 50);
    await write(1, 3);
    await empty();
    expectWhole(3);
  });

  it('goes on when its connection is cut off between send and commit; the copy is the same event', async () => {
    bus.mood = () => 'take';
    let cut = false;
    const publish = bus.publish.bind(bus);
    bus.publish = async (topic, records) => {
      await publish(topic, records);
      if (cut) return;
      cut = true;
      await toy.rows(`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`);
    };
    relay();
    await write(1, 3);
    await empty();
    expectWhole(3);
  });

  it('ends while it has nothing to do, and sends by itself on demand', async () => {
    const one = relay();
    await one.stop();
    await write(1, 2);
    expect(await one.flush()).toBe(2);
    expect(await one.flush()).toBe(0);
  });
});
