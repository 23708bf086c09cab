import * as fc from 'fast-check';
import { sendable } from './kafka-publisher.js';

const record = (size: number) => ({ key: 'k', headers: {}, value: 'x'.repeat(size) });

test('runs keep the order, hold everything, and fit', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 500 })), (sizes) => {
      const records = sizes.map(record);
      const runs = sendable(records, 600);
      expect(runs.flat()).toEqual(records);
      for (const run of runs) if (run.length > 1) expect(run.reduce((sum, one) => sum + one.value.length, 0)).toBeLessThanOrEqual(600);
    }),
  );
});

test('nothing makes no run', () => expect(sendable([])).toEqual([]));
