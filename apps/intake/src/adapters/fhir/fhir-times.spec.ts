import { choiceOfTime, readDate, readTime } from './fhir-times.js';

const NEW_YORK = 'America/New_York';

describe('FHIR times', () => {
  it.each([
    ['2026-03-05T11:20:00-05:00', '2026-03-05T16:20:00.000Z'],
    ['2026-03-05T11:20:00.1234567Z', '2026-03-05T11:20:00.123Z'],
    ['2026-03-05T11:20:60+01:00', '2026-03-05T10:20:59.000Z'],
    ['2026-07-05T11:20:00', '2026-07-05T15:20:00.000Z'],
  ])('of %s are the moment %s', (written, instant) => expect(readTime(written, NEW_YORK)).toEqual({ instant, precision: 'time' }));

  it('stand for their noon at the facility where only a day is written', () => {
    expect(readTime('2026-03-05', NEW_YORK)).toEqual({ instant: '2026-03-05T17:00:00.000Z', precision: 'day' });
    expect(readTime('2026-03-05', 'Pacific/Honolulu')).toEqual({ instant: '2026-03-05T22:00:00.000Z', precision: 'day' });
  });

  it.each(['2026', '2026-03', '2026-02-30', '2026-02-30T10:00:00Z', '9999-12-31', '1203-01-01T00:00:00Z', '2026-03-05T25:00:00Z', '20260305', 'soon', ''])('are none where "%s" is written', (written) =>
    expect(readTime(written, NEW_YORK)).toBeUndefined());

  it('give a date only where it is whole', () => {
    expect(['1951-04-07', '2026-03-05T23:59:00-05:00', '1951-04', '1951-02-29', '195104'].map(readDate)).toEqual(['1951-04-07', '2026-03-05', undefined, undefined, undefined]);
  });

  it('are read from whichever form of a field there is', () => {
    expect(choiceOfTime({ effectiveDateTime: '2026-03-05T10:00:00Z' }, 'effective', NEW_YORK)).toBe('2026-03-05T10:00:00.000Z');
    expect(choiceOfTime({ effectivePeriod: { start: '2026-03-05T10:00:00Z', end: '2026-03-06T10:00:00Z' } }, 'effective', NEW_YORK)).toBe('2026-03-05T10:00:00.000Z');
    expect(choiceOfTime({ effectiveDateTime: '2026' }, 'effective', NEW_YORK)).toBeUndefined();
  });
});
