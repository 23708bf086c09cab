import { findRate, grew, hopeless } from './find-rate.js';

const upTo = (limit: number) => {
  const tried: number[] = [];
  return { tried, sustained: (rate: number) => (tried.push(Math.round(rate)), Promise.resolve(rate <= limit)) };
};

describe('the rate that is sustained', () => {
  it('is looked for upwards, and then between the last good and the first bad', async () => {
    const { tried, sustained } = upTo(80);
    expect(Math.round(await findRate(50, sustained))).toBe(79);
    expect(tried).toEqual([50, 65, 85, 74, 79, 82]);
  });

  it('is looked for downwards when the first is too much', async () => {
    const { tried, sustained } = upTo(20);
    expect(Math.round(await findRate(50, sustained))).toBe(20);
    expect(tried).toEqual([50, 30, 18, 23, 20, 21, 21]);
  });

  it('is found within few steps anywhere between 20 and several hundred', async () => {
    for (const limit of [20, 47, 110, 240, 480]) {
      const { tried, sustained } = upTo(limit);
      const found = await findRate(limit * 0.8, sustained);
      expect(found).toBeGreaterThan(limit / 1.06);
      expect(found).toBeLessThanOrEqual(limit);
      expect(tried.length).toBeLessThanOrEqual(5);
    }
  });

  it('is none when nothing is sustained, and the best so far when time is up', async () => {
    expect(await findRate(25, upTo(0).sustained)).toBe(0);
    let left = 2;
    expect(await findRate(10, upTo(1_000).sustained, () => left-- > 0)).toBe(13);
  });
});

describe('a backlog', () => {
  const samples = (waiting: (i: number) => number, unfinished: (i: number) => number) => Array.from({ length: 20 }, (_, i) => ({ waiting: waiting(i), unfinished: unfinished(i) }));

  it('that comes and goes has not grown', () => {
    expect(grew(samples((i) => 10 + (i % 3), (i) => 100 + 30 * (i % 4)), 50, 20)).toBe(false);
  });

  it('of a slow beginning is forgotten', () => {
    expect(grew(samples((i) => Math.max(5, 200 - 30 * i), (i) => Math.max(50, 4_000 - 600 * i)), 50, 20)).toBe(false);
  });

  it('has grown when a fifth of each second stays behind', () => {
    expect(grew(samples((i) => 10 * i, () => 0), 50, 20)).toBe(true);
    expect(grew(samples(() => 5, (i) => 200 * i), 50, 20)).toBe(true);
  });

  it('has grown when discharges wait for seconds, however evenly', () => {
    expect(grew(samples(() => 200, () => 0), 50, 20)).toBe(true);
  });

  it('is beyond hope when five seconds of work wait', () => {
    expect(hopeless({ waiting: 260, unfinished: 0 }, 50)).toBe(true);
    expect(hopeless({ waiting: 90, unfinished: 0 }, 10)).toBe(false);
  });
});
