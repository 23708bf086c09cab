import { Temporal } from 'temporal-polyfill';
import { isBusinessDay, type Calendar } from './calendar.js';

/** A calendar date without a zone, `2026-03-08`. */
export type LocalDate = string;
/** A moment in UTC, always `2026-03-08T05:00:00.000Z`, so that comparing texts compares moments. */
export type Instant = string;

/** The zone is not in the IANA database of this Node.js, so no deadline can be counted in it. */
export class UnknownZone extends Error {
  override readonly name = 'UnknownZone';
  constructor(readonly zone: string) {
    super(`Unknown time zone "${zone}": use an IANA name such as America/New_York`);
  }
}

const inZone = <T>(zone: string, read: () => T): T => {
  try {
    return read();
  } catch (error) {
    if (!isKnownZone(zone)) throw new UnknownZone(zone);
    throw error;
  }
};

export const isKnownZone = (zone: string): boolean => {
  try {
    // An offset such as +05:00 has no daylight saving rules, so it is no place.
    return /^[A-Za-z]/.test(zone) && Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone) !== undefined;
  } catch {
    return false;
  }
};

/** Any RFC 3339 text (offsets too) as our one spelling. RangeError when it is not a moment. */
export const instantOf = (text: string): Instant => Temporal.Instant.from(text).toString({ smallestUnit: 'millisecond' });

export const instantFrom = (epochMs: number): Instant => Temporal.Instant.fromEpochMilliseconds(epochMs).toString({ smallestUnit: 'millisecond' });
export const epochMsOf = (instant: Instant): number => Temporal.Instant.from(instant).epochMilliseconds;

/** The moment after a duration of exact time (`PT4H`; a day here is 24 hours, whatever the clocks do). */
export const after = (instant: Instant, duration: string): Instant =>
  instantFrom(epochMsOf(instant) + Temporal.Duration.from(duration).total({ unit: 'milliseconds' }));

export const laterOf = (a: Instant, b: Instant): Instant => (a > b ? a : b);
export const earlierOf = (a: Instant, b: Instant): Instant => (a < b ? a : b);

/** The calendar date that clocks in the zone show at this moment. */
export const localDateOf = (instant: Instant, zone: string): LocalDate =>
  inZone(zone, () => Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString());

/** First moment of the date in the zone: 01:00 where the clocks skip midnight. */
export const startOfDay = (date: LocalDate, zone: string): Instant =>
  inZone(zone, () => instantFrom(Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds));

/** Last millisecond of the date in the zone, so that it still reads as that date; a day may have 23, 24 or 25 hours. */
export const endOfDay = (date: LocalDate, zone: string): Instant =>
  inZone(zone, () => instantFrom(Temporal.PlainDate.from(date).add({ days: 1 }).toZonedDateTime(zone).epochMilliseconds - 1));

export const addDays = (date: LocalDate, days: number): LocalDate => Temporal.PlainDate.from(date).add({ days }).toString();

/** From the start of one date to the end of another, both included. */
export const dayWindow = (from: LocalDate, to: LocalDate, zone: string): { readonly from: Instant; readonly to: Instant } => ({
  from: startOfDay(from, zone),
  to: endOfDay(to, zone),
});

/**
 * The n-th business day after a date. Day 1 is the first business day after it, so a Friday's second business day is
 * Tuesday, and a Saturday's first is Monday. `n` is 1 or more; RangeError otherwise.
 */
export const addBusinessDays = (date: LocalDate, n: number, calendar: Calendar): LocalDate => {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`Business days to add have to be 1 or more, not ${n}`);
  let day = Temporal.PlainDate.from(date);
  for (let left = n; left > 0; ) {
    day = day.add({ days: 1 });
    if (isBusinessDay(day.toString(), day.dayOfWeek, calendar)) left -= 1;
  }
  return day.toString();
};
