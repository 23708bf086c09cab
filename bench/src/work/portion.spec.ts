import { Portion, wholeOf } from './portion.js';

describe('a portion', () => {
  it('hands out whole things that add up to the rate', () => {
    const portion = new Portion(0.3);
    const given = Array.from({ length: 10 }, (_, i) => portion.upTo(i + 1));
    expect(given).toEqual([0, 1, 0, 0, 1, 0, 0, 0, 1, 0]);
    expect(given.reduce((sum, one) => sum + one)).toBe(wholeOf(0.3, 10));
  });

  it('comes to the same number in steps of any size', () => {
    const portion = new Portion(14.37);
    const total = [0.11, 7.3, 7.4, 99.99, 100].reduce((sum, done) => sum + portion.upTo(done), 0);
    expect(total).toBe(wholeOf(14.37, 100));
  });

  it('takes nothing back', () => {
    const portion = new Portion(2);
    expect(portion.upTo(10)).toBe(20);
    expect(portion.upTo(9)).toBe(0);
    expect(portion.upTo(11)).toBe(2);
  });
});
