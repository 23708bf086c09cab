import fc from 'fast-check';
import { HISTORY, HOUR, hourOf, rhythmOf, stateOf, type SenderHour, type SenderState } from './sender-rhythm.js';

const MINUTE = 60_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** Monday 2 March 2026, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 2, 2);
const QUARTER = 15 * MINUTE;

/** As the database counts them. */
const counted = (times: readonly number[]): readonly SenderHour[] => {
  const hours = new Map<number, number[]>();
  for (const at of [...times].sort((a, b) => a - b)) hours.set(hourOf(at), [...(hours.get(hourOf(at)) ?? []), at]);
  return [...hours].map(([hour, ats]) => ({ hour, messages: ats.length, first: ats[0]!, last: ats.at(-1)!, longestGap: Math.max(0, ...ats.slice(1).map((at, n) => at - ats[n]!)) }));
};

/** What is said of the sender at a moment, by what it had sent until then. */
const at = (now: number, sent: readonly number[], minimum = QUARTER): SenderState => {
  const before = sent.filter((one) => one <= now);
  const last = Math.max(...before);
  return stateOf(rhythmOf(counted(before.filter((one) => one >= hourOf(last - HISTORY - DAY))), now), last, now, minimum);
};

/** The same messages in each of these weeks; moments in minutes of the week. */
const weekly = (minutes: readonly number[], weeks: number): readonly number[] =>
  Array.from({ length: weeks }, (_, n) => minutes.map((minute) => MONDAY + n * WEEK + minute * MINUTE)).flat();

/** Every ten minutes from eight to five, Monday to Friday. */
const CLINIC = Array.from({ length: 5 }, (_, day) => Array.from({ length: 54 }, (_, n) => day * 1_440 + 480 + n * 10)).flat();

describe('a sender that never rests', () => {
  const everyMinute = Array.from({ length: 10 * 1_440 }, (_, n) => MONDAY + n * MINUTE);
  const end = everyMinute.at(-1)!;

  it('is silent after the least that may be told, and not before', () => {
    expect(at(end + QUARTER, everyMinute)).toBe('steady');
    expect(at(end + QUARTER + 1, everyMinute)).toBe('silent');
    expect(at(end + QUARTER + 1, everyMinute, HOUR)).toBe('steady');
  });

  it('is new for a week, and is not judged', () => {
    const days = (n: number) => everyMinute.filter((one) => one < MONDAY + n * DAY);
    expect(at(MONDAY + 6 * DAY + 12 * HOUR, days(6))).toBe('new');
    expect(at(MONDAY + 8 * DAY + 12 * HOUR, days(8))).toBe('silent');
  });

  it('is new with a handful of messages, however old', () => {
    const nineteen = Array.from({ length: 19 }, (_, n) => MONDAY + n * DAY);
    expect(at(MONDAY + 25 * DAY, nineteen)).toBe('new');
    expect(at(MONDAY + 19 * DAY + 3 * DAY, [...nineteen, MONDAY + 19 * DAY])).toBe('silent');
  });

  it('is gone when four weeks brought nothing', () => {
    expect(at(end + HISTORY, everyMinute)).toBe('silent');
    expect(at(end + HISTORY + 1, everyMinute)).toBe('gone');
  });
});

describe('a clinic that is closed at night and at weekends', () => {
  const sent = weekly(CLINIC, 4);
  const monday = MONDAY + 4 * WEEK;

  it('is not silent while it is closed', () => {
    expect(at(monday - 24 * HOUR, sent)).toBe('steady');
    expect(at(monday + 7 * HOUR, sent)).toBe('steady');
  });

  it('is silent two hours after it opens, when nothing comes', () => {
    // The hour beside the opening one still knows the long silence.
    expect(at(monday + 9 * HOUR + 59 * MINUTE, sent)).toBe('steady');
    expect(at(monday + 10 * HOUR, sent)).toBe('silent');
  });

  it('is silent in the middle of the day after twice its usual gap', () => {
    const today = [...sent, ...CLINIC.filter((minute) => minute <= 720).map((minute) => monday + minute * MINUTE)];
    expect(at(monday + 12 * HOUR + 20 * MINUTE, today)).toBe('steady');
    expect(at(monday + 12 * HOUR + 21 * MINUTE, today)).toBe('silent');
  });

  it('and a holiday makes nobody deaf to an outage on the same day of the weeks after', () => {
    const withHoliday = sent.filter((one) => one < MONDAY + WEEK || one >= MONDAY + WEEK + DAY);
    expect(at(monday + 11 * HOUR, withHoliday)).toBe('silent');
  });

  it('is judged by all its hours while it is known for two weeks only', () => {
    const short = weekly(CLINIC, 2);
    const next = MONDAY + 2 * WEEK;
    expect(rhythmOf(counted(short), next - DAY)).toEqual({ by: 'overall', gap: expect.any(Number) as number });
    expect(at(next - HOUR, short)).toBe('steady');
  });
});

it('a burst once an hour is no gap of seconds', () => {
  const bursts = Array.from({ length: 10 * 24 }, (_, hour) => Array.from({ length: 50 }, (_, n) => MONDAY + hour * HOUR + n * 1_000)).flat();
  const end = bursts.at(-1)!;
  expect(at(end + 59 * MINUTE, bursts)).toBe('steady');
  expect(at(end + 3 * HOUR, bursts)).toBe('silent');
});

describe('whatever a sender does every week', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 10_079 }), { minLength: 5, maxLength: 60 });
  const moment = fc.integer({ min: 0, max: 10_079 });

  it('it is not silent at any moment of a week in which it does the same', () => {
    fc.assert(
      fc.property(minutes, moment, (habit, now) => {
        const sent = weekly(habit, 6);
        expect(at(MONDAY + 5 * WEEK + now * MINUTE, sent)).toBe('steady');
      }),
    );
  });

  it('it is silent for good when it stops, from twice its longest silence until it is gone', () => {
    fc.assert(
      fc.property(minutes, fc.nat(27 * 1_440), (habit, later) => {
        const sent = [...weekly(habit, 5)].sort((a, b) => a - b);
        const longest = Math.max(...sent.slice(1).map((one, n) => one - sent[n]!));
        const now = sent.at(-1)! + Math.max(2 * longest, QUARTER) + 1 + later * MINUTE;
        expect(at(now, sent)).toBe(now - sent.at(-1)! > HISTORY ? 'gone' : 'silent');
      }),
    );
  });
});
