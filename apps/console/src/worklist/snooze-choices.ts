import { when } from '../time-words.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const WEEKEND = [0, 6];

export interface SnoozeChoice {
  /** An instant. */
  readonly value: string;
  readonly label: string;
}

/** Eight in the morning of the reader's own next day that fits. */
const morningAfter = (now: number, fits: (day: Date) => boolean): number => {
  const day = new Date(now);
  do day.setDate(day.getDate() + 1);
  while (!fits(day));
  return day.setHours(8, 0, 0, 0);
};

/** Usual times to come back at, none later than the limit; the limit itself is the last of them. */
export const snoozeChoices = (now: number, limit: string, late: boolean): readonly SnoozeChoice[] => {
  const usual: readonly (readonly [string, number])[] = late
    ? [['In 30 minutes', now + 30 * MINUTE], ['In an hour', now + HOUR], ['In 2 hours', now + 2 * HOUR]]
    : [['In an hour', now + HOUR], ['In 3 hours', now + 3 * HOUR], ['Tomorrow at eight', morningAfter(now, () => true)], ['The next working day at eight', morningAfter(now, (day) => !WEEKEND.includes(day.getDay()))]];
  const last = Date.parse(limit);
  const fitting = usual.filter(([, at], i) => at < last && usual.findIndex(([, other]) => other === at) === i);
  return [
    ...fitting.map(([words, at]) => ({ value: new Date(at).toISOString(), label: `${words} (${when(new Date(at).toISOString())})` })),
    ...(last > now ? [{ value: limit, label: late ? `As long as a late task may wait (${when(limit)})` : `Until it is due (${when(limit)})` }] : []),
  ];
};
