import { optionsOf } from './options.js';

describe('options', () => {
  it('hold for five minutes and compare with everything unless told otherwise', () => {
    expect(optionsOf([])).toMatchObject({ mode: 'distributed', numbers: { seconds: 300 }, without: { floor: false, naive: false, embedded: false }, growth: undefined, backlog: undefined });
    expect(optionsOf(['--no-naive', '--rate', '30'])).toMatchObject({ numbers: { rate: 30 }, without: { naive: true, floor: false } });
  });

  it('know the usual numbers of growth and backlog', () => {
    expect(optionsOf(['--growth'])?.growth).toEqual({ patients: [1_000, 100_000, 1_000_000], rate: 50, seconds: 60 });
    expect(optionsOf(['--growth', '--patients', '500,20', '--seconds', '5'])?.growth).toEqual({ patients: [20, 500], rate: 50, seconds: 5 });
    expect(optionsOf(['--backlog'])?.backlog).toBe(50_000);
    expect(optionsOf(['--backlog', '700', '--json', 'x'])).toMatchObject({ backlog: 700, json: 'x' });
  });

  it('that make no sense are none', () => {
    expect(optionsOf(['--seconds', 'long'])).toBeUndefined();
    expect(optionsOf(['--mode', 'cloud'])).toBeUndefined();
    expect(optionsOf(['--patients', '10,0'])).toBeUndefined();
    expect(() => optionsOf(['--fast'])).toThrow();
  });
});
