import { percentile, spreadOf } from './percentiles.js';

describe('percentiles', () => {
  it('are ranks of the values in order, whatever order they came in', () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(spreadOf(values)).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  });

  it('of a few values are values that occurred', () => {
    expect(percentile([7], 99)).toBe(7);
    expect(percentile([1, 9], 50)).toBe(1);
    expect(percentile([], 50)).toBeNaN();
  });
});
