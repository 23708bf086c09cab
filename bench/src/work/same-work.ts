import type { Totals } from './work.js';

/** Two pipelines are compared only when neither got away with less. */
export const TOLERANCE = 0.05;

const NAMES: Readonly<Record<keyof Totals, string>> = { rows: 'rows', rowBytes: 'row bytes', messages: 'messages', messageBytes: 'message bytes' };

/** In what the other's work per discharge differs from ours by more than the tolerance, a sentence each; empty when it is the same work. */
export const differences = (ours: Totals, other: Totals): readonly string[] =>
  (Object.keys(NAMES) as (keyof Totals)[])
    .filter((name) => !(Math.abs(other[name] - ours[name]) <= TOLERANCE * ours[name]))
    .map((name) => `${other[name].toFixed(1)} ${NAMES[name]} per discharge, not ${ours[name].toFixed(1)}`);
