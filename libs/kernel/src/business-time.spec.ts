import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { addBusinessDays, after, dayWindow, endOfDay, epochMsOf, instantFrom, instantOf, isKnownZone, localDateOf, startOfDay, UnknownZone } from './business-time.js';
import { calendarLabel, parseCalendar } from './calendar.js';

const file = JSON.parse(readFileSync(new URL('../data/calendars/us-federal.v2024.1.json', import.meta.url), 'utf8')) as Record<string, unknown>;
const federal = parseCalendar(file, 'us-federal');
const ZONES = ['America/New_York', 'America/Los_Angeles', 'America/Phoenix', 'Pacific/Honolulu', 'America/Puerto_Rico', 'Europe/London', 'America/Havana', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/St_Johns'];
const zone = fc.constantFrom(...ZONES);
const moment = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2032, 0, 1) }).map(instantFrom);
const date = fc.integer({ min: 0, max: 2556 }).map((days) => Temporal.PlainDate.from('2024-01-01').add({ days }).toString());

describe('business days', () => {
  test.each([
    ['Friday: Monday is day 1, Tuesday day 2', '2026-03-06', '2026-03-10'],
    ['Saturday counts from Monday', '2026-03-07', '2026-03-10'],
    ['before Independence Day observed on Friday 3 July', '2026-07-01', '2026-07-06'],
    ['over Thanksgiving', '2026-11-25', '2026-11-30'],
    ['over the year end, with New Year 2028 observed on Friday 31 December 2027', '2027-12-30', '2028-01-04'],
    ['over Christmas Day on a Thursday', '2025-12-24', '2025-12-29'],
  ])('%s', (_case, from, to) => expect(addBusinessDays(from, 2, federal)).toBe(to));

  test('the n-th business day is off neither by weekend nor by holiday, and is the n-th of those', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: 1, max: 15 }), (from, n) => {
        const to = addBusinessDays(from, n, federal);
        const between: string[] = [];
        for (let d = Temporal.PlainDate.from(from).add({ days: 1 }); d.toString() <= to; d = d.add({ days: 1 })) {
          if (d.dayOfWeek < 6 && !federal.holidays.has(d.toString())) between.push(d.toString());
        }
        expect(between).toHaveLength(n);
        expect(between.at(-1)).toBe(to);
      }),
    );
  });

  test('none or a fraction is refused', () => {
    expect(() => addBusinessDays('2026-03-06', 0, federal)).toThrow(RangeError);
    expect(() => addBusinessDays('2026-03-06', 1.5, federal)).toThrow(RangeError);
  });
});

describe('days in a zone', () => {
  test('the end of a day is on that day, and the next millisecond on the next, through every change of clocks', () => {
    fc.assert(
      fc.property(moment, zone, (at, place) => {
        const day = localDateOf(at, place);
        const { from, to } = dayWindow(day, day, place);
        expect(from <= at && at <= to).toBe(true);
        expect(localDateOf(from, place)).toBe(day);
        expect(localDateOf(to, place)).toBe(day);
        expect(localDateOf(instantFrom(epochMsOf(to) + 1), place) > day).toBe(true);
        expect(localDateOf(instantFrom(epochMsOf(from) - 1), place) < day).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('a spring day has 23 hours, an autumn day 25, and a day whose midnight is skipped begins at one', () => {
    const hours = (day: string, place: string) => (epochMsOf(endOfDay(day, place)) + 1 - epochMsOf(startOfDay(day, place))) / 3_600_000;
    expect(hours('2026-03-08', 'America/New_York')).toBe(23);
    expect(hours('2026-11-01', 'America/New_York')).toBe(25);
    expect(hours('2026-03-08', 'America/Phoenix')).toBe(24);
    expect(startOfDay('2026-03-08', 'America/Havana')).toBe('2026-03-08T05:00:00.000Z');
    expect(endOfDay('2026-03-10', 'America/New_York')).toBe('2026-03-11T03:59:59.999Z');
    expect(endOfDay('2026-12-31', 'America/New_York')).toBe('2027-01-01T04:59:59.999Z');
  });

  test('an unknown zone is an error that names it', () => {
    for (const wrong of ['Mars/Olympus', '', 'EST5EDT4']) {
      expect(() => endOfDay('2026-03-08', wrong)).toThrow(new UnknownZone(wrong));
      expect(isKnownZone(wrong)).toBe(false);
    }
    expect(isKnownZone('+05:00')).toBe(false);
    expect(() => localDateOf('2026-03-08T00:00:00.000Z', 'Mars/Olympus')).toThrow('Mars/Olympus');
    expect(() => endOfDay('2026-02-30', 'America/New_York')).toThrow(RangeError);
  });

  test('instants have one spelling', () => {
    expect(instantOf('2026-03-08T00:00:00-05:00')).toBe('2026-03-08T05:00:00.000Z');
    expect(after('2026-03-08T05:00:00.000Z', 'P1DT4H')).toBe('2026-03-09T09:00:00.000Z');
  });
});

describe('the federal calendar', () => {
  test('has eleven holidays for each year, none on a weekend', () => {
    for (let year = 2024; year <= 2030; year += 1) {
      const observed = (file['holidays'] as { date: string; observedFor?: string }[]).filter((h) => (h.observedFor ?? h.date).startsWith(String(year)));
      expect(observed).toHaveLength(11);
    }
    for (const day of federal.holidays.keys()) expect(Temporal.PlainDate.from(day).dayOfWeek).toBeLessThan(6);
  });

  test('says so where it does not know the holidays', () => {
    expect(calendarLabel(federal, '2026-03-06', '2026-03-10')).toBe('us-federal@2024.1');
    expect(calendarLabel(federal, '2031-03-06', '2031-03-10')).toContain('weekends only');
  });

  test('a wrong file lists every problem', () => {
    const wrong = { ...file, weekend: [9], covers: { from: 'soon', to: '2030-12-31' } };
    expect(() => parseCalendar(wrong, 'wrong.json')).toThrow(/wrong\.json[\s\S]*weekend[\s\S]*covers\.from/);
  });
});
