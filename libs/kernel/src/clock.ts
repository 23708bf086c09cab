/** Time enters once, at the rim, as a value. Nothing in a domain room reads it by itself. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
