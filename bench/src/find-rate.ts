/** Tries rates from below: up by half until one is not sustained, then once between the last good and the first bad. */
export const findRate = async (from: number, sustained: (rate: number) => Promise<boolean>, mayGoOn: () => boolean = () => true): Promise<number> => {
  let good = 0;
  let bad = 0;
  for (let rate = from; mayGoOn(); rate = bad === 0 ? good * 1.5 : bad / 2) {
    if (await sustained(rate)) good = rate;
    else bad = rate;
    if (good > 0 && bad > 0) break;
    // Nothing this slow is worth a figure.
    if (good === 0 && bad < 1) return 0;
  }
  if (good === 0 || bad === 0 || !mayGoOn()) return good;
  const between = Math.sqrt(good * bad);
  return (await sustained(between)) ? between : good;
};

/** Unfinished work once a second while a rate is offered. */
export interface Backlog {
  /** Discharges due without their five tasks. */
  readonly waiting: number;
  /** Rows in outboxes and logs, alarms not armed, records not read, over all services. */
  readonly unfinished: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/**
 * True when unfinished work grew over the time observed: the last third holds more than the middle one by half and by what
 * half a second brings in, or what waits at the end is worth more than a second and a half of the rate.
 */
export const grew = (samples: readonly Backlog[], rate: number, messagesPerDischarge: number): boolean => {
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  if (third === 0) return false;
  if (mean(last.map(({ waiting }) => waiting)) > Math.max(10, rate * 1.5)) return true;
  const rise = (of: (sample: Backlog) => number, slack: number): boolean => mean(last.map(of)) > mean(middle.map(of)) * 1.5 + slack;
  return rise(({ unfinished }) => unfinished, (rate * messagesPerDischarge) / 2) || rise(({ waiting }) => waiting, Math.max(5, rate / 2));
};
