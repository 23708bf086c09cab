import { findRate, grew } from './find-rate.js';

const upTo = (limit: number) => {
  const tried: number[] = [];
  return { tried, sustained: (rate: number) => (tried.push(Math.round(rate)), Promise.resolve(rate <= limit)) };
};

describe('the rate that is sustained', () => {
  it('is looked for upwards, and once between the last good and the first bad', async () => {
    const { tried, sustained } = upTo(80);
    expect(Math.round(await findRate(25, sustained))).toBe(69);
    expect(tried).toEqual([25, 38, 56, 84, 69]);
  });

  it('is looked for downwards when the first is too much', async () => {
    const { tried, sustained } = upTo(8);
    expect(await findRate(25, sustained)).toBe(6.25);
    expect(tried).toEqual([25, 13, 6, 9]);
  });

  it('is none when nothing is sustained, and the best so far when time is up', async () => {
    expect(await findRate(25, upTo(0).sustained)).toBe(0);
    let left = 2;
    expect(await findRate(10, upTo(1_000).sustained, () => left-- > 0)).toBe(15);
  });
});

describe('a backlog', () => {
  const samples = (waiting: (i: number) => number, unfinished: (i: number) => number) => Array.from({ length: 20 }, (_, i) => ({ waiting: waiting(i), unfinished: unfinished(i) }));

  it('that comes and goes has not grown', () => {
    expect(grew(samples((i) => 10 + (i % 3), (i) => 100 + 30 * (i % 4)), 50, 20)).toBe(false);
  });

  it('has grown when a tenth of each second stays behind', () => {
    expect(grew(samples((i) => 10 * i, () => 0), 50, 20)).toBe(true);
    expect(grew(samples(() => 5, (i) => 200 * i), 50, 20)).toBe(true);
  });

  it('has grown when discharges wait for seconds, however evenly', () => {
    expect(grew(samples(() => 200, () => 0), 50, 20)).toBe(true);
  });
});
