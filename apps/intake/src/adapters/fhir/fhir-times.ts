import { Temporal } from 'temporal-polyfill';
import { part, text, type Json } from './json-values.js';

/** A FHIR `dateTime` or `instant`, down to the day or finer. */
export interface FhirTime {
  /** ISO 8601 in UTC, milliseconds. */
  readonly instant: string;
  readonly precision: 'day' | 'time';
}

const DATE_TIME = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,18}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** A slip of the keyboard, or a filler such as 9999: no clock starts from it. */
const plausible = (year: number): boolean => year >= 1850 && year <= 2200;

/**
 * A year or a month alone is no moment. A day alone stands for its noon at the facility: to FHIR a period that ends on a day
 * ends with it, so noon comes after what began that day, and it is that day on every wall nearby. A time without an offset,
 * which FHIR does not allow, is the facility's.
 * @param zone IANA zone for what carries no offset
 */
export const readTime = (value: string, zone: string): FhirTime | undefined => {
  const found = DATE_TIME.exec(value);
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = found;
  if (!plausible(Number(year))) return undefined;
  try {
    const local = Temporal.PlainDateTime.from(
      {
        year: Number(year), month: Number(month), day: Number(day),
        hour: Number(hour ?? 12), minute: Number(minute ?? 0), second: Math.min(Number(second ?? 0), 59),
        millisecond: Number((fraction ?? '0').padEnd(3, '0').slice(0, 3)),
      },
      { overflow: 'reject' },
    );
    const instant = local.toZonedDateTime(offset === 'Z' ? 'UTC' : (offset ?? zone)).epochMilliseconds;
    return { instant: new Date(instant).toISOString(), precision: hour === undefined ? 'day' : 'time' };
  } catch {
    return undefined;
  }
};

/** A whole date that the calendar has; of a moment, the day it was written with. */
export const readDate = (value: string): string | undefined => {
  const found = /^(\d{4})-\d{2}-\d{2}(?=T|$)/.exec(value);
  if (!found || !plausible(Number(found[1]))) return undefined;
  try {
    return Temporal.PlainDate.from(found[0], { overflow: 'reject' }).toString();
  } catch {
    return undefined;
  }
};

/** `effectiveDateTime`, `effectiveInstant`, or where `effectivePeriod` begins. */
export const choiceOfTime = (from: Json, name: string, zone: string): string | undefined =>
  (readTime(text(from, `${name}DateTime`) || text(from, `${name}Instant`), zone) ?? readTime(text(part(from, `${name}Period`), 'start'), zone))?.instant;
