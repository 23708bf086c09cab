/** One hour in which a sender sent something new. Times are milliseconds since 1970. */
export interface SenderHour {
  /** Its beginning. */
  readonly hour: number;
  readonly messages: number;
  readonly first: number;
  readonly last: number;
  /** Between two of its messages. */
  readonly longestGap: number;
}

/** How long a sender is silent now and then; for a new one nobody can say yet. */
export type Rhythm = { readonly by: 'hour-of-week' | 'overall'; readonly gap: number } | { readonly by: 'new' };

export type SenderState = 'new' | 'steady' | 'silent' | 'gone';

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** How far back its habits are looked for, from its last message on: a silence must not make a sender new again. */
export const HISTORY = 28 * DAY;
/** Less of it says nothing about habits: a week, so that nights and one weekend are in it. */
const KNOWN_FROM = { messages: 20, age: WEEK } as const;
/** Of the last four of an hour of the week. */
const ENOUGH_WEEKS = 3;
/** One week in which this hour was so much more silent than in every other was a holiday or an outage. */
const ODD = 3;
/** A silence of so many times the usual one is told. */
const TIMES = 2;

export const hourOf = (at: number): number => Math.floor(at / HOUR) * HOUR;

/**
 * How long it had been silent at most in each hour, the hours without a message too: from the one after its first message to
 * before that of its last. What is silent since then is the question, and must not become its own answer.
 */
const silences = (hours: readonly SenderHour[]): ReadonlyMap<number, number> => {
  const reached = new Map<number, number>();
  for (const [n, next] of hours.entries()) {
    const before = hours[n - 1];
    if (!before) continue;
    if (n > 1) reached.set(before.hour, Math.max(before.first - hours[n - 2]!.last, before.longestGap, before.hour + HOUR - before.last));
    for (let hour = before.hour + HOUR; hour < next.hour; hour += HOUR) reached.set(hour, hour + HOUR - before.last);
  }
  return reached;
};

/** With the hour on either side: people are not punctual, and clocks are put forward and back. Undefined where one is not known. */
const around = (reached: ReadonlyMap<number, number>, hour: number): number | undefined => {
  const three = [hour - HOUR, hour, hour + HOUR].map((one) => reached.get(one));
  return three.every((one) => one !== undefined) ? Math.max(...three) : undefined;
};

const longestButOdd = (gaps: readonly number[]): number => {
  const [longest = 0, next = 0] = [...gaps].sort((a, b) => b - a);
  return longest > ODD * next ? next : longest;
};

const percentile95 = (gaps: readonly number[]): number => [...gaps].sort((a, b) => a - b)[Math.ceil(gaps.length * 0.95) - 1] ?? 0;

/**
 * What silence is usual in this hour of the week: a clinic that is closed at night and at weekends is not silent then. Where
 * too few weeks are known, what 95 of 100 of its hours stay below, counted by hours and not by messages: a sender that sends
 * a hundred at once would have a usual gap of a second.
 * @param hours those of `HISTORY` before its last message, in order
 */
export const rhythmOf = (hours: readonly SenderHour[], now: number): Rhythm => {
  const [oldest, newest] = [hours[0], hours.at(-1)];
  const messages = hours.reduce((sum, one) => sum + one.messages, 0);
  if (!oldest || !newest || messages < KNOWN_FROM.messages || newest.last - oldest.first < KNOWN_FROM.age) return { by: 'new' };
  const reached = silences(hours);
  const weeks = [1, 2, 3, 4].flatMap((n) => around(reached, hourOf(now) - n * WEEK) ?? []);
  if (weeks.length >= ENOUGH_WEEKS) return { by: 'hour-of-week', gap: longestButOdd(weeks) };
  return { by: 'overall', gap: percentile95([...reached.values()]) };
};

/** @param minimum no silence below it is told, however often it sends */
export const stateOf = (rhythm: Rhythm, last: number, now: number, minimum: number): SenderState => {
  if (now - last > HISTORY) return 'gone';
  if (rhythm.by === 'new') return 'new';
  return now - last > Math.max(TIMES * rhythm.gap, minimum) ? 'silent' : 'steady';
};
