import type { BusRecord, SeekBack } from './bus.js';
import { KafkaCollector, type FetchedBatch } from './kafka-collector.js';

const recordsOf = (partition: number, from: number, count: number): BusRecord[] =>
  Array.from({ length: count }, (_, n) => ({ topic: 't', partition, offset: from + n, key: 'k', headers: {}, value: '{}', at: new Date(0) }));

const fixture = (answer: (records: readonly BusRecord[]) => Promise<readonly SeekBack[]> = () => Promise.resolve([])) => {
  const delivered: (readonly BusRecord[])[] = [];
  const resolved: [number, number][] = [];
  const refused: unknown[] = [];
  const stale = new Set<number>();
  const collector = new KafkaCollector({
    deliver: (records) => {
      delivered.push(records);
      return answer(records);
    },
    seek: (seek) => stale.add(seek.partition),
    refused: (error) => refused.push(error),
    mostRecords: 10,
  });
  const fetched = (partition: number, from: number, count: number): FetchedBatch => ({
    partition, records: recordsOf(partition, from, count), resolve: (offset) => resolved.push([partition, offset]), isCurrent: () => !stale.has(partition),
  });
  return { collector, delivered, resolved, refused, stale, fetched };
};

test('collects what one fetch brought for all partitions into one batch', async () => {
  const { collector, delivered, resolved, fetched } = fixture();
  await Promise.all([collector.add(fetched(2, 0, 2)), collector.add(fetched(0, 5, 3)), collector.add(fetched(1, 0, 1))]);
  expect(delivered.map((batch) => batch.map((one) => `${one.partition}/${one.offset}`))).toEqual([['0/5', '0/6', '0/7', '1/0', '2/0', '2/1']]);
  expect(resolved).toEqual([[0, 7], [1, 0], [2, 1]]);
});

test('never more than the limit, shared out over the partitions, each in order', async () => {
  const { collector, delivered, fetched } = fixture();
  await Promise.all([collector.add(fetched(0, 0, 25)), collector.add(fetched(1, 0, 3)), collector.add(fetched(2, 0, 25))]);
  expect(Math.max(...delivered.map((batch) => batch.length))).toBe(10);
  expect(new Set(delivered[0]!.map((one) => one.partition))).toEqual(new Set([0, 1, 2]));
  for (const [partition, count] of [[0, 25], [1, 3], [2, 25]]) {
    expect(delivered.flat().filter((one) => one.partition === partition).map((one) => one.offset)).toEqual(Array.from({ length: count! }, (_, n) => n));
  }
});

test('what comes while a batch is in hand waits for its end', async () => {
  let open = (): void => undefined;
  const gate = new Promise<readonly SeekBack[]>((resolve) => (open = () => resolve([])));
  let first = true;
  const { collector, delivered, fetched } = fixture(() => (first ? ((first = false), gate) : Promise.resolve([])));
  const one = collector.add(fetched(0, 0, 1));
  await new Promise((resolve) => setImmediate(resolve));
  const others = [collector.add(fetched(1, 0, 1)), collector.add(fetched(2, 0, 1))];
  await new Promise((resolve) => setImmediate(resolve));
  expect(delivered.length).toBe(1);
  open();
  await Promise.all([one, ...others]);
  expect(delivered.map((batch) => batch.length)).toEqual([1, 2]);
});

test('a refused batch is handed over again, unresolved until it is taken', async () => {
  let refusals = 2;
  const { collector, delivered, resolved, refused, fetched } = fixture(() => (refusals-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve([])));
  await collector.add(fetched(0, 0, 4));
  expect(delivered.map((batch) => batch.map((one) => one.offset))).toEqual([[0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]);
  expect(refused.length).toBe(2);
  expect(resolved).toEqual([[0, 3]]);
});

test('after a seek the rest of that partition is let go, the others go on', async () => {
  let first = true;
  const { collector, delivered, fetched } = fixture(() => Promise.resolve(first ? ((first = false), [{ topic: 't', partition: 0, offset: 2 }]) : []));
  await Promise.all([collector.add(fetched(0, 0, 20)), collector.add(fetched(1, 0, 20))]);
  expect(delivered.flat().filter((one) => one.partition === 0).length).toBe(5);
  expect(delivered.flat().filter((one) => one.partition === 1).length).toBe(20);
});

test('a broken membership gives everything back with its error, once the batch in hand is done', async () => {
  let open = (): void => undefined;
  const gate = new Promise<readonly SeekBack[]>((resolve) => (open = () => resolve([])));
  const { collector, delivered, resolved, fetched } = fixture(() => gate);
  const outcomes = Promise.allSettled([collector.add(fetched(0, 0, 20)), collector.add(fetched(1, 0, 2))]);
  await new Promise((resolve) => setImmediate(resolve));
  collector.breakOff(new Error('rebalance'));
  open();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
  expect(delivered.length).toBe(1);
  expect(resolved.length).toBe(2);
  await collector.add(fetched(0, 8, 1));
  expect(delivered.length).toBe(2);
});

test('stop finishes the batch in hand and hands over nothing more', async () => {
  let open = (): void => undefined;
  const gate = new Promise<readonly SeekBack[]>((resolve) => (open = () => resolve([])));
  const { collector, delivered, fetched } = fixture(() => gate);
  const adding = collector.add(fetched(0, 0, 50));
  await new Promise((resolve) => setImmediate(resolve));
  const stopping = collector.stop();
  open();
  await Promise.all([adding, stopping]);
  await collector.add(fetched(0, 10, 5));
  expect(delivered.length).toBe(1);
});
