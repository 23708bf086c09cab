/**
 * What orders facts: the sender's time; within one second of it, which is all that most senders write, the order they came
 * in, so that a correction of the same second is one; then the message's id (a tie has to end the same way everywhere).
 */
export interface Stamp {
  readonly at: string;
  readonly receivedAt: string;
  readonly by: string;
}

/** The latest thing said about one matter, with when it was said and by which message: any order of arrival keeps the latest said. */
export interface Kept<T> extends Stamp {
  readonly value: T | null;
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const compareStamps = (a: Stamp, b: Stamp): number => compare(a.at, b.at) || compare(a.receivedAt, b.receivedAt) || compare(a.by, b.by);

/** `said` undefined = nothing said: what is kept stays. */
export const keep = <T>(kept: Kept<T> | undefined, said: T | null | undefined, stamp: Stamp): Kept<T> | undefined => {
  if (said === undefined) return kept;
  if (kept && compareStamps(kept, stamp) > 0) return kept;
  return { value: said, at: stamp.at, receivedAt: stamp.receivedAt, by: stamp.by };
};

/** Drops what is not there, so that two facts are equal when they say the same. */
export const present = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined && v !== null)) as T;

/** Equal as JSON: key order and missing keys do not matter, order in lists does. */
export const sameFact = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => sameFact(x, b[i]));
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameFact(left[key], right[key]));
};
