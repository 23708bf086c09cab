import { Temporal } from 'temporal-polyfill';

/** A time as HL7 wrote it (DTM / TS): a point with an offset of its own, or local to whoever wrote it. */
export interface Hl7Time {
  /** ISO 8601 in UTC, milliseconds. */
  readonly instant: string;
  /** `YYYY-MM-DD` as written: the day on the sender's wall. */
  readonly date: string;
  readonly precision: 'day' | 'time';
}

const DTM = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})?(\d{2})?(?:\.(\d{1,9}))?)?([+-]\d{4})?$/;

/** A slip of the keyboard, or a filler such as 9999: no clock starts from it. */
const plausible = (year: number): boolean => year >= 1850 && year <= 2200;

const offsetPattern = /([+-])(\d{2})(\d{2})$/;

/** The offset in a time, as `+02:00`; undefined when it has none or an impossible one. */
export const offsetOf = (text: string): string | undefined => {
  const found = offsetPattern.exec(text);
  if (!found || Number(found[2]) > 14 || Number(found[3]) > 59) return undefined;
  return `${found[1]}${found[2]}:${found[3]}`;
};

/**
 * Reads a time down to the day or finer. A year or a month alone is no time that a clock can start from; nor is a day that
 * the calendar does not have. A day without a time counts from its first moment; a local time that the clock change skips
 * or doubles is read as the later or the first of the two (RFC 5545).
 * @param zone IANA zone, or an offset such as `-05:00`, for times that carry none
 */
export const readTime = (text: string, zone: string): Hl7Time | undefined => {
  const found = DTM.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = found;
  if (!plausible(Number(year))) return undefined;
  const own = offset === undefined ? undefined : offsetOf(offset);
  if (offset !== undefined && own === undefined) return undefined;
  try {
    const local = Temporal.PlainDateTime.from(
      {
        year: Number(year), month: Number(month), day: Number(day),
        hour: Number(hour ?? 0), minute: Number(minute ?? 0), second: Math.min(Number(second ?? 0), 59),
        millisecond: Number((fraction ?? '0').padEnd(3, '0').slice(0, 3)),
      },
      { overflow: 'reject' },
    );
    const instant = local.toZonedDateTime(own ?? zone).epochMilliseconds;
    return { instant: new Date(instant).toISOString(), date: `${year}-${month}-${day}`, precision: hour === undefined ? 'day' : 'time' };
  } catch {
    return undefined;
  }
};

/** A date of birth: only a whole one. */
export const readDate = (text: string): string | undefined => {
  const found = /^(\d{4})(\d{2})(\d{2})/.exec(text.trim());
  if (!found || !plausible(Number(found[1]))) return undefined;
  try {
    return Temporal.PlainDate.from({ year: Number(found[1]), month: Number(found[2]), day: Number(found[3]) }, { overflow: 'reject' }).toString();
  } catch {
    return undefined;
  }
};
