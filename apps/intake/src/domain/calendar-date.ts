const formats = new Map<string, Intl.DateTimeFormat>();

const formatFor = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, calendar: 'iso8601', year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(zone, format);
  }
  return format;
};

/** The calendar date (`YYYY-MM-DD`) on the wall of a place at an instant. */
export const calendarDate = (instant: string, zone: string): string => {
  const parts = Object.fromEntries(formatFor(zone).formatToParts(Date.parse(instant)).map((part) => [part.type, part.value]));
  return `${(parts['year'] ?? '').padStart(4, '0')}-${parts['month']}-${parts['day']}`;
};
