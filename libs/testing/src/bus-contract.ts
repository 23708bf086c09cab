import { randomUUID } from 'node:crypto';
import type { Bus, BusRecord, OutgoingRecord, Subscription } from '@throughline/platform/bus/bus';
import { partitionOf } from '@throughline/platform/bus/partitioner';
import type { Sql } from '@throughline/platform/persistence/sql';
import { BusRecorder, eventually, idOf } from './bus-recorder.js';

export interface BusUnderTest {
  readonly bus: Bus;
  /** Another process's bus on the same log; null where the adapter is for one process only. */
  readonly second: (() => Promise<Bus>) | null;
  /** A transaction of the publisher's: commits when `work` resolves. */
  inTransaction(work: (sql: Sql) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const record = (key: string, value: unknown, headers: Record<string, string> = {}): OutgoingRecord => ({ key, value: JSON.stringify(value), headers });

/** Every partition's records in the order of their offsets, none left out, none twice. */
const expectGapless = (records: readonly BusRecord[]): void => {
  const next = new Map<string, number>();
  for (const one of records) {
    expect({ at: idOf(one), offset: one.offset }).toEqual({ at: idOf(one), offset: next.get(idOf(one)) ?? 0 });
    next.set(idOf(one), one.offset + 1);
  }
};

const byKey = (records: readonly BusRecord[]): Map<string | null, unknown[]> => {
  const found = new Map<string | null, unknown[]>();
  for (const { key, value } of records) found.set(key, [...(found.get(key) ?? []), JSON.parse(value ?? 'null')]);
  return found;
};

/**
 * What every bus promises, run against each adapter on a real server. The adapter is to offer left-out partitions again
 * within a second.
 */
export const busContract = (name: string, setUp: () => Promise<BusUnderTest>): void => {
  describe(`the bus contract: ${name}`, () => {
    let under: BusUnderTest;
    let topic: string;
    let group: string;
    const subscriptions: Subscription[] = [];

    const publish = (records: readonly OutgoingRecord[], to = topic): Promise<void> =>
      under.inTransaction((sql) => under.bus.publish(to, records, sql)).then(() => under.bus.bell?.ring());
    const subscribe = async (consumer: BusRecorder, topics = [topic], bus = under.bus): Promise<Subscription> => {
      const subscription = await bus.subscribe(group, topics, consumer);
      subscriptions.push(subscription);
      return subscription;
    };
    const many = (count: number, keys = 20): OutgoingRecord[] => Array.from({ length: count }, (_, n) => record(`key-${n % keys}`, n));

    beforeAll(async () => {
      under = await setUp();
    }, 180_000);
    afterAll(() => under.stop(), 60_000);
    beforeEach(async () => {
      topic = `topic-${randomUUID()}`;
      group = `group-${randomUUID()}`;
      await under.bus.ensureTopics([topic]);
    });
    afterEach(async () => {
      await Promise.all(subscriptions.splice(0).map((subscription) => subscription.stop()));
    });

    test('topics can be ensured again, by several at once', async () => {
      const other = `topic-${randomUUID()}`;
      await Promise.all([under.bus.ensureTopics([topic, other]), under.bus.ensureTopics([other])]);
      expect((await under.bus.spans(other)).map(({ partition, low, high }) => ({ partition, low, high }))).toEqual(
        Array.from({ length: under.bus.partitions }, (_, partition) => ({ partition, low: 0, high: 0 })),
      );
    });

    test('a key is always filed in the partition that murmur2 names, in order', async () => {
      const consumer = new BusRecorder();
      await subscribe(consumer);
      const keys = Array.from({ length: 60 }, () => randomUUID());
      for (const round of [0, 1, 2]) await publish(keys.map((key) => record(key, round)));
      await eventually(() => consumer.records.length === 180, 'all 180 records are delivered');
      for (const one of consumer.records) expect(one.partition).toBe(partitionOf(one.key!, under.bus.partitions));
      for (const rounds of byKey(consumer.records).values()) expect(rounds).toEqual([0, 1, 2]);
      expectGapless(consumer.records);
    });

    test('headers, keys and values survive as they are, in any alphabet', async () => {
      const consumer = new BusRecorder();
      await subscribe(consumer);
      const headers = { ce_type: 'care.task.opened.v1', ce_subject: 'Ωmega 😀 "quoted" \\ back', empty: '' };
      const value = { text: 'Grüße, 東京, \u0000 {curly} ,comma 😀', n: 1.5, none: null };
      await publish([record('schlüssel-ß-😀', value, headers)]);
      await eventually(() => consumer.records.length === 1, 'the record is delivered');
      const [found] = consumer.records;
      expect(found).toMatchObject({ topic, key: 'schlüssel-ß-😀', headers, offset: 0 });
      expect(found!.raw).toBeUndefined();
      expect(JSON.parse(found!.value!)).toEqual(value);
      expect(Math.abs(Date.now() - found!.at.getTime())).toBeLessThan(600_000);
    });

    test('a backlog comes in batches of at most 200, ascending within each partition, nothing twice', async () => {
      await publish(many(1_500));
      const consumer = new BusRecorder();
      await subscribe(consumer);
      await eventually(() => consumer.records.length >= 1_500, 'the backlog is delivered');
      expect(Math.max(...consumer.batches.map((batch) => batch.length))).toBeLessThanOrEqual(200);
      expect(consumer.batches.length).toBeLessThan(100);
      expectGapless(consumer.records);
      for (const batch of consumer.batches) expect(new Set(batch.map((one) => one.topic)).size).toBe(1);
    });

    test('a rejected batch is delivered again, and nothing behind it overtakes', async () => {
      const consumer = new BusRecorder();
      let refusals = 3;
      const refused: (string | null)[] = [];
      consumer.before = (records) => {
        if (refusals-- <= 0) return Promise.resolve(undefined);
        refused.push(records[0]!.value);
        return Promise.reject(new Error('not now'));
      };
      await subscribe(consumer);
      await publish(many(30));
      await eventually(() => consumer.records.length >= 30, 'everything is delivered after three refusals');
      expect(refused.length).toBe(3);
      expectGapless(consumer.records);
    });

    test('reading begins where the consumer says, not where the group once was', async () => {
      await publish(many(40, 4));
      const all = new BusRecorder();
      const first = await subscribe(all);
      await eventually(() => all.records.length === 40, 'the first reader has everything');
      await first.stop();
      const positions = new Map([...all.positions].map(([partition, offset]) => [partition, Math.floor(offset / 2)]));
      const expected = [...all.positions].reduce((sum, [partition, offset]) => sum + offset - positions.get(partition)!, 0);
      const again = new BusRecorder(new Map(positions));
      await subscribe(again);
      await eventually(() => again.records.length >= expected, 'the second half is delivered again');
      await publish([record('key-0', 'marker')]);
      await eventually(() => again.values.includes('"marker"'), 'a later record arrives');
      expect(again.records.length).toBe(expected + 1);
      for (const [partition, offset] of positions) {
        const found = again.records.find((one) => idOf(one) === partition);
        if (found) expect(found.offset).toBe(offset);
      }
    });

    test('a consumer can send the reading of one partition back', async () => {
      const consumer = new BusRecorder();
      let sent = false;
      consumer.before = (records) => {
        const last = records.at(-1)!;
        if (sent || last.offset < 2) return Promise.resolve(undefined);
        sent = true;
        return Promise.resolve([{ topic, partition: last.partition, offset: 1 }]);
      };
      await subscribe(consumer);
      for (let n = 0; n < 6; n++) await publish([record('one', n)]);
      await publish([record('one', 'end')]);
      const offsetsNow = (): number[] => consumer.records.map((one) => one.offset);
      await eventually(() => sent && offsetsNow().lastIndexOf(1) > offsetsNow().indexOf(1) && offsetsNow().at(-1) === 6, 'it was read again from there to the end');
      const offsets = offsetsNow();
      const back = offsets.findIndex((offset, i) => i > 0 && offset <= offsets[i - 1]!);
      expect(offsets[back]).toBe(1);
      expect(offsets.slice(back)).toEqual(Array.from({ length: 6 }, (_, i) => i + 1));
    });

    test('a reader goes back when its position was put back, though nothing new comes', async () => {
      const consumer = new BusRecorder();
      await subscribe(consumer);
      for (let n = 0; n < 5; n++) await publish([record('one', n)]);
      await eventually(() => consumer.records.length === 5, 'all are read');
      consumer.putBack = [{ topic, partition: consumer.records[0]!.partition, offset: 2 }];
      await eventually(() => consumer.records.length === 8, 'three are read again');
      expect(consumer.records.slice(5).map((one) => one.offset)).toEqual([2, 3, 4]);
    });

    test('a partition left out is not delivered until the consumer takes it', async () => {
      const out = partitionOf('left', under.bus.partitions);
      const inside = Array.from({ length: 50 }, (_, n) => `in-${n}`).find((key) => partitionOf(key, under.bus.partitions) !== out)!;
      const consumer = new BusRecorder();
      consumer.leavesOut = ({ partition }) => partition === out;
      await subscribe(consumer);
      await publish([record('left', 1), record(inside, 1), record('left', 2)]);
      await publish([record(inside, 2)]);
      await eventually(() => consumer.records.length === 2, 'the other partition is delivered');
      await eventually(() => consumer.assignments.length >= 2, 'it is offered again');
      expect(consumer.records.map((one) => one.key)).toEqual([inside, inside]);
      consumer.leavesOut = () => false;
      await eventually(() => consumer.records.length === 4, 'the left-out partition is delivered now');
      expect(byKey(consumer.records).get('left')).toEqual([1, 2]);
    });

    test('a partition that the consumer leaves in the middle waits until it takes it again', async () => {
      const consumer = new BusRecorder();
      let wanted = false;
      consumer.before = (records) => Promise.resolve(wanted ? undefined : [{ topic, partition: records[0]!.partition, offset: 0, leave: true }]);
      consumer.leavesOut = () => !wanted && consumer.batches.length > 0;
      await subscribe(consumer);
      await publish([record('one', 0)]);
      await eventually(() => consumer.batches.length === 1, 'it was handed over');
      await publish([record('one', 1)]);
      const asked = consumer.assignments.length;
      await eventually(() => consumer.assignments.length > asked, 'the consumer was asked again');
      expect(consumer.batches).toHaveLength(1);
      wanted = true;
      await eventually(() => consumer.records.length === 3, 'both are read, the first anew');
      expect(consumer.records.map((one) => one.offset)).toEqual([0, 0, 1]);
    });

    test('one that does not know yet where to begin is asked again', async () => {
      const consumer = new BusRecorder();
      const known = consumer.assigned.bind(consumer);
      let asked = 0;
      consumer.assigned = (partitions) => (++asked < 3 ? Promise.reject(new Error('no database')) : known(partitions));
      const subscription = await subscribe(consumer);
      await publish([record('k', 1)]);
      await eventually(() => consumer.records.length === 1, 'the record is delivered in the end');
      await eventually(() => subscription.healthy(), 'the subscription is healthy');
    });

    test('topics of one group are read side by side, a stuck one does not hold up the other', async () => {
      const other = `topic-${randomUUID()}`;
      await under.bus.ensureTopics([other]);
      const consumer = new BusRecorder();
      let open = (): void => undefined;
      const gate = new Promise<undefined>((resolve) => (open = () => resolve(undefined)));
      let stuck = false;
      consumer.before = (records) => {
        if (records[0]!.topic !== topic) return Promise.resolve(undefined);
        stuck = true;
        return gate;
      };
      await subscribe(consumer, [topic, other]);
      await publish([record('k', 'stuck')]);
      await eventually(() => stuck, 'the first topic is in hand');
      await publish([record('k', 'free')], other);
      await eventually(() => consumer.values.includes('"free"'), 'the other topic is delivered meanwhile');
      expect(consumer.values).toEqual(['"free"']);
      open();
      await eventually(() => consumer.values.includes('"stuck"'), 'the first topic goes on');
    });

    test('groups read alike and apart', async () => {
      const [one, two] = [new BusRecorder(), new BusRecorder()];
      await subscribe(one);
      group = `group-${randomUUID()}`;
      await subscribe(two);
      await publish(many(25));
      await eventually(() => one.records.length === 25 && two.records.length === 25, 'both groups have everything');
    });

    test('nothing is lost or doubled when the reader stops and starts in the middle of a stream', async () => {
      const positions = new Map<string, number>();
      const consumers: BusRecorder[] = [];
      const total = 1_200;
      const publishing = (async () => {
        const records = many(total);
        for (let n = 0; n < total; n += 40) await publish(records.slice(n, n + 40));
      })();
      const count = (): number => consumers.reduce((sum, consumer) => sum + consumer.records.length, 0);
      for (let round = 0; round < 4; round++) {
        const consumer = new BusRecorder(positions);
        consumers.push(consumer);
        const before = count();
        const subscription = await subscribe(consumer);
        await eventually(() => count() > before || count() === total, 'the stream goes on');
        await subscription.stop();
      }
      const last = new BusRecorder(positions);
      consumers.push(last);
      await subscribe(last);
      await publishing;
      await eventually(() => count() >= total, 'everything has been delivered');
      const all = consumers.flatMap((consumer) => consumer.records);
      expectGapless(all);
      expect(new Set(all.map((one) => one.value)).size).toBe(total);
    }, 120_000);

    test('stop waits for the batch in hand and takes no other', async () => {
      const consumer = new BusRecorder();
      let open = (): void => undefined;
      const gate = new Promise<undefined>((resolve) => (open = () => resolve(undefined)));
      let inHand = 0;
      consumer.before = () => {
        inHand++;
        return gate;
      };
      const subscription = await subscribe(consumer);
      await publish(many(500));
      await eventually(() => inHand === 1, 'a batch is in hand');
      let stopped = false;
      const stopping = subscription.stop().then(() => (stopped = true));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(stopped).toBe(false);
      open();
      await stopping;
      expect(inHand).toBe(1);
      expect(consumer.batches.length).toBe(1);
      expect(subscription.healthy()).toBe(false);
      // What it read is given up, so that the next reader finds it left in good order.
      expect(new Set(consumer.revocations.flat().map(idOf)).size).toBe(under.bus.partitions);
    });

    test('concurrent appenders never make a reader skip', async () => {
      const consumer = new BusRecorder();
      await subscribe(consumer);
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let n = 0; n < 40; n++) {
          await under.inTransaction(async (sql) => {
            await under.bus.publish(topic, [record(`w${writer}`, n), record(`shared-${n % 5}`, n)], sql);
            // Between the append and its commit: whoever took a later number may be seen first, if numbers were given early.
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
          });
          under.bus.bell?.ring();
        }
      });
      await Promise.all(writers);
      await eventually(() => consumer.records.length >= 640, 'all 640 records are delivered');
      expectGapless(consumer.records);
      for (let writer = 0; writer < 8; writer++) expect(byKey(consumer.records).get(`w${writer}`)).toEqual(Array.from({ length: 40 }, (_, n) => n));
    }, 120_000);

    test('says what the log holds: its name, its ends, a single record', async () => {
      expect(await under.bus.clusterId()).toBe(await under.bus.clusterId());
      await publish([record('k', 'first'), record('k', 'second')]);
      const partition = partitionOf('k', under.bus.partitions);
      const spans = await under.bus.spans(topic);
      expect(spans.length).toBe(under.bus.partitions);
      expect(spans.find((span) => span.partition === partition)).toEqual({ topic, partition, low: 0, high: 2 });
      expect(await under.bus.recordAt(topic, partition, 1)).toMatchObject({ topic, partition, offset: 1, key: 'k', value: '"second"' });
      expect(await under.bus.recordAt(topic, partition, 0)).toMatchObject({ offset: 0, value: '"first"' });
      expect(await under.bus.recordAt(topic, partition, 2)).toBeNull();
      expect(await under.bus.recordAt(topic, partition, 5_000)).toBeNull();
    });

    test('a topic that does not exist is not made by publishing', async () => {
      await expect(publish([record('k', 1)], `missing-${randomUUID()}`)).rejects.toThrow();
    });

    test('members of a group share the partitions, and take over from one that leaves', async () => {
      if (!under.second) return expect(under.bus.kind).toBe('embedded');
      const positions = new Map<string, number>();
      const [one, two] = [new BusRecorder(positions), new BusRecorder(positions)];
      const other = await under.second();
      try {
        await subscribe(one);
        await eventually(() => one.assignments.length > 0, 'the first member has partitions');
        const leaving = await subscribe(two, [topic], other);
        await eventually(() => (two.assignments.at(-1)?.length ?? 0) > 0 && (one.assignments.at(-1)?.length ?? 0) < under.bus.partitions, 'the partitions are shared');
        await publish(many(600, 100));
        await eventually(() => one.records.length + two.records.length >= 600, 'both together have everything');
        expect(one.records.length).toBeGreaterThan(0);
        expect(two.records.length).toBeGreaterThan(0);
        expect(one.revocations.flat().length).toBeGreaterThan(0);
        expect(new Set([...one.values, ...two.values]).size).toBe(600);
        await leaving.stop();
        await publish(many(50, 50).map((one) => ({ ...one, value: '"late"' })));
        await eventually(() => one.values.filter((value) => value === '"late"').length === 50, 'the one that stays has all partitions');
      } finally {
        await other.close();
      }
    }, 120_000);
  });
};
