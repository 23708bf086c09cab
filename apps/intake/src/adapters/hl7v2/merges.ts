import type { MergeSaid } from '../../domain/said.js';
import type { Er7Message, Reason, Segment } from './er7.js';
import type { Trigger } from './header.js';
import { identifiersOf, readPerson, readPid, type PersonRead } from './person-segments.js';

/** One record takes over another's (HL7 v2.5.1, 3.3.18, 3.3.34, 3.3.40, 3.3.47). */
const MERGES = ['A18', 'A34', 'A40', 'A47'] as const satisfies readonly Trigger[];
export type MergeTrigger = (typeof MERGES)[number];
export const isMerge = (trigger: Trigger): trigger is MergeTrigger => (MERGES as readonly string[]).includes(trigger);

/** Each PID with the MRG that follows it. */
const pairsOf = (message: Er7Message): readonly { readonly pid: Segment; readonly mrg?: Segment }[] => {
  const pairs: { pid: Segment; mrg?: Segment }[] = [];
  for (const segment of message.segments) {
    if (segment.name === 'PID') pairs.push({ pid: segment });
    const last = pairs.at(-1);
    if (segment.name === 'MRG' && last) last.mrg ??= segment;
  }
  return pairs;
};

export interface MergesRead {
  readonly merges: readonly MergeSaid[];
  readonly reasons: readonly Reason[];
  readonly flags: readonly string[];
}

export const readMerges = (message: Er7Message, authority: string): MergesRead => {
  const pairs = pairsOf(message);
  if (pairs.length === 0) return { merges: [], reasons: readPerson(message, authority).reasons, flags: [] };
  if (pairs.every(({ mrg }) => mrg === undefined)) return { merges: [], reasons: [{ code: 100, where: 'MRG', text: 'The MRG segment is missing' }], flags: [] };
  const read = pairs.flatMap(({ pid, mrg }): readonly (PersonRead & { retired: MergeSaid['retired'] })[] =>
    mrg ? [{ ...readPid(pid, authority), retired: identifiersOf(mrg, 1, authority) }] : [],
  );
  const nobody: readonly Reason[] = read.some(({ retired }) => retired.length === 0) ? [{ code: 101, where: 'MRG-1', text: 'No number that says whose record is taken over' }] : [];
  return {
    merges: read.flatMap(({ patient, retired }) => (patient ? [{ into: patient, retired }] : [])),
    reasons: [...read.flatMap(({ reasons }) => reasons), ...nobody],
    flags: [...read.flatMap(({ flags }) => flags), ...(read.length < pairs.length ? ['pid-without-mrg'] : [])],
  };
};
