import type { PatientsMergedData } from '@throughline/contracts/intake-events';
import { idOf } from '@throughline/kernel/ids';
import type * as z from 'zod';
import { compareStamps, type Stamp } from './kept.js';
import type { PatientState } from './patient.js';

export type AliasFacts = Omit<z.infer<typeof PatientsMergedData>, 'version'>;

/** "This record is that person's": kept on the record that was taken over. */
export interface MergeFact extends Stamp {
  /** The patient id whose record stands. */
  readonly into: string;
  /** A person's word has whose it is, and why. */
  readonly actor?: string;
  readonly reason?: string;
}

/** "They are two after all": a person's word, with whose and why. */
export interface Parting extends Stamp {
  readonly actor?: string;
  readonly reason?: string;
}

/** Keeps the word once, however often it is said. */
export const hearMerge = (retired: PatientState, fact: MergeFact): PatientState => {
  const { merges = [] } = retired;
  if (merges.some((known) => known.by === fact.by || (known.into === fact.into && known.at === fact.at))) return retired;
  return { ...retired, merges: [...merges, fact].sort(compareStamps) };
};

/** They are two: what merged this record before does not hold any more; a later merge does. */
export const part = (retired: PatientState, parting: Parting): PatientState => ({ ...retired, parted: [...(retired.parted ?? []), parting].sort(compareStamps) });

/** The merges that hold, in the senders' order. */
export const mergesInForce = ({ merges = [], parted = [] }: PatientState): readonly MergeFact[] => {
  const last = parted.at(-1);
  return last ? merges.filter((fact) => compareStamps(fact, last) > 0) : merges;
};

interface Edge extends MergeFact {
  readonly from: string;
}

/** Records that name one person, by the merges that hold among them. */
const personsIn = (ids: readonly string[], edges: readonly Edge[]): readonly (readonly string[])[] => {
  const groups = new Map(ids.map((id) => [id, [id]]));
  for (const { from, into } of edges) {
    const [left, right] = [groups.get(from)!, groups.get(into)!];
    if (left === right) continue;
    const joined = [...left, ...right];
    for (const id of joined) groups.set(id, joined);
  }
  return [...new Set(groups.values())].map((group) => [...group].sort());
};

/** Whose record stands: where the last merge leads, and on from there. Where that leads in a circle, the last word counts. */
const survivorOf = (edges: readonly Edge[]): { readonly survivor: string; readonly circle: boolean } => {
  const start = edges.at(-1)!.into;
  const seen = new Set<string>();
  for (let at = start; ; ) {
    seen.add(at);
    const next = edges.filter((edge) => edge.from === at).at(-1)?.into;
    if (next === undefined) return { survivor: at, circle: false };
    if (seen.has(next)) return { survivor: start, circle: true };
    at = next;
  }
};

export interface Persons {
  /** Patient id -> which id it goes by, and with whom. */
  readonly aliases: ReadonlyMap<string, AliasFacts>;
  /** A into B and B into A: one of them stands, and a person has to look. */
  readonly reversed: boolean;
}

/** Who is who, by everything that was said of these records, in the senders' order and whatever came first. */
export const personsOf = (patients: readonly PatientState[]): Persons => {
  const ids = patients.map((one) => one.patientId).sort();
  const edges = patients
    .flatMap((one) => mergesInForce(one).map((fact): Edge => ({ ...fact, from: one.patientId })))
    .filter(({ into }) => ids.includes(into))
    .sort(compareStamps);
  let reversed = false;
  const aliases = new Map<string, AliasFacts>();
  for (const together of personsIn(ids, edges)) {
    const own = edges.filter((edge) => together.includes(edge.from));
    const { survivor, circle } = own.length === 0 ? { survivor: together[0]!, circle: false } : survivorOf(own);
    reversed ||= circle;
    for (const patientId of together) aliases.set(patientId, { patientId, aliasId: idOf('alias', patientId), survivorId: survivor, together: [...together] });
  }
  return { aliases, reversed };
};
