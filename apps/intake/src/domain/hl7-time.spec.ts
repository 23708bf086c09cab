import fc from 'fast-check';
import { offsetOf, readDate, readTime } from './hl7-time.js';

const NY = 'America/New_York';
const at = (text: string, zone = NY): string | undefined => readTime(text, zone)?.instant;

describe('HL7 times', () => {
  it.each([
    ['20260305112000', '2026-03-05T16:20:00.000Z'],
    ['20260705112000', '2026-07-05T15:20:00.000Z'],
    ['20260305112000-0800', '2026-03-05T19:20:00.000Z'],
    ['20260305112000.1234+0000', '2026-03-05T11:20:00.123Z'],
    ['202603051120', '2026-03-05T16:20:00.000Z'],
    ['2026030511', '2026-03-05T16:00:00.000Z'],
    ['20260305', '2026-03-05T05:00:00.000Z'],
  ])('reads %s', (text, instant) => expect(at(text)).toBe(instant));

  it('reads a time that the clock change skips or doubles', () => {
    expect(at('20260308023000')).toBe('2026-03-08T07:30:00.000Z');
    expect(at('20261101013000')).toBe('2026-11-01T05:30:00.000Z');
  });

  it('takes an offset for local times where one is given', () => expect(at('20260305112000', '-05:00')).toBe('2026-03-05T16:20:00.000Z'));

  it.each(['', '2026', '202603', '20260230', '20261305', '20260305250000', '20260305112000+9900', '05.03.2026', '""', '00010101', '99991231235959'])('does not read %s', (text) => expect(at(text)).toBeUndefined());

  it('knows a day from a time', () => {
    expect(readTime('20260305', NY)).toMatchObject({ precision: 'day', date: '2026-03-05' });
    expect(readTime('2026030500', NY)).toMatchObject({ precision: 'time' });
  });

  it('reads whole dates of birth only', () => {
    expect(['19510407', '19510407120000', '195104', '1951', '19510231'].map(readDate)).toEqual(['1951-04-07', '1951-04-07', undefined, undefined, undefined]);
  });

  it('reads offsets', () => expect(['20260305-0500', '2026+1400', '2026+1500', '2026'].map(offsetOf)).toEqual(['-05:00', '+14:00', undefined, undefined]));

  it('never throws', () => fc.assert(fc.property(fc.string(), fc.stringMatching(/^\d{4,16}([+-]\d{4})?$/), (text, digits) => void [readTime(text, NY), readTime(digits, NY), readDate(digits)])));
});
