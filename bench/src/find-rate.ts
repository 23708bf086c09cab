const UP = 1.3;
/** Good and bad lie close enough together. */
const CLOSE = 1.06;

/**
 * Tries rates: up by steps until one is not sustained, or down until one is, then between the best good one and the lowest
 * bad one until they lie close together or time is up.
 */
export const findRate = async (from: number, sustained: (rate: number) => Promise<boolean>, mayGoOn: () => boolean = () => true): Promise<number> => {
  let good = 0;
  let bad = Infinity;
  for (let rate = from; mayGoOn(); rate = bad === Infinity ? good * UP : good === 0 ? bad / UP ** 2 : Math.sqrt(good * bad)) {
    if (await sustained(rate)) good = rate;
    else bad = rate;
    // Nothing this slow is worth a figure.
    if (bad < 1 || bad < good * CLOSE) break;
  }
  return good;
};

/** Unfinished work once a second while a rate is offered. */
export interface Backlog {
  /** Discharges due that are not accepted, or lack their five tasks. */
  readonly waiting: number;
  /** Rows in outboxes and logs, alarms not armed, records not read, over all services. */
  readonly unfinished: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Longer than this no discharge should wait on average. */
const WAITING_SECONDS = 1.5;
/** What comes and goes with batches, in seconds of what comes in. */
const SWING_SECONDS = 0.5;
const SHARE = 0.05;

/**
 * True when unfinished work grew in the second half of the time (the first is for finding a pace): from its first to its
 * last part by more than swings do and by more than a twentieth of what came in meanwhile; or when what waits at the end is
 * worth more than a second and a half.
 */
export const grew = (samples: readonly Backlog[], rate: number, messagesPerDischarge: number): boolean => {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) return false;
  const early = samples.slice(-2 * quarter, -quarter);
  const late = samples.slice(-quarter);
  if (mean(late.map(({ waiting }) => waiting)) > Math.max(10, rate * WAITING_SECONDS)) return true;
  const rose = (of: (sample: Backlog) => number, perSecond: number): boolean => mean(late.map(of)) - mean(early.map(of)) > perSecond * (SWING_SECONDS + SHARE * quarter);
  return rose(({ unfinished }) => unfinished, rate * messagesPerDischarge) || rose(({ waiting }) => waiting, Math.max(10, rate));
};

/** No use in going on: more waits than could be made up for. */
export const hopeless = ({ waiting }: Backlog, rate: number): boolean => waiting > Math.max(100, rate * 5);
