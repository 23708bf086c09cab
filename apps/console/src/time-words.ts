const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 d 4 h`, `2 h 5 min`, `12 min`: how long, in the two largest units. */
export const duration = (ms: number): string => {
  const whole = Math.abs(ms);
  const days = Math.floor(whole / DAY);
  const hours = Math.floor((whole % DAY) / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  if (days > 0) return hours > 0 && days < 14 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return `${minutes} min`;
};

export const dueWords = (dueAt: string, now: number): string => {
  const left = Date.parse(dueAt) - now;
  return left < 0 ? `late by ${duration(left)}` : `due in ${duration(left)}`;
};

const whenFormat = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
const shortFormat = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const dayFormat = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
/** An instant, in the reader's own zone. */
export const when = (instant: string): string => whenFormat.format(new Date(instant));
/** The same where space is scarce: the year only when it is another. */
export const whenShort = (instant: string, now: number): string => {
  const sameYear = new Date(instant).getFullYear() === new Date(now).getFullYear();
  return sameYear ? shortFormat.format(new Date(instant)) : when(instant);
};
/** A calendar date, which has no zone. */
export const day = (date: string): string => dayFormat.format(new Date(`${date}T00:00:00Z`));
