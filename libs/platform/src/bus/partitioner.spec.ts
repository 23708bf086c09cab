import * as fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { murmur2, partitionOf } from './partitioner.js';

/** From Apache Kafka's own test, UtilsTest.testMurmur2. */
const KNOWN: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
];

test.each(KNOWN)('murmur2 of %s is what the Java client computes', (text, hash) => {
  expect(murmur2(Buffer.from(text))).toBe(hash);
});

test('partitions are those of the stock client, for every key', () => {
  const stock = Partitioners.DefaultPartitioner();
  const metadata = (count: number) =>
    Array.from({ length: count }, (_, partitionId) => ({ partitionErrorCode: 0, partitionId, leader: 1, replicas: [1], isr: [1] }));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.uuid()), fc.integer({ min: 1, max: 24 }), (key, count) => {
      const expected = stock({ topic: 't', partitionMetadata: metadata(count), message: { key, value: null } });
      expect(partitionOf(key, count)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});
