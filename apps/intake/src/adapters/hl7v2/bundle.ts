import type { Said, SaidOnce } from '../../domain/said.js';

/** What one message says: a fact, or several that are taken together. */
export const bundleOf = (parts: readonly [SaidOnce, ...SaidOnce[]]): Said => {
  const [first, ...others] = parts;
  if (others.length === 0) return first;
  const { sender, controlId, at, atSource, receivedAt, patient } = first;
  return { sender, controlId, at, atSource, receivedAt, patient, flags: [...new Set(parts.flatMap(({ flags }) => flags))], what: 'bundle', parts };
};
