import { idOf, uuid5 } from '@throughline/kernel/ids';
import { IDENTIFIER_KINDS, type Identifier } from './said.js';

/** Row id of an identifier: the same number from the same giver is the same row. */
export const identifierId = (one: Identifier): string => idOf('identifier', one.kind, one.authority, one.value);

const rank = (one: Identifier): number => IDENTIFIER_KINDS.indexOf(one.kind) * 2 + (one.own ? 0 : 1);

/** The fixed order: the sender's record number, another's, a person index, a national number. Ties go by giver and value. */
export const inOrder = (identifiers: readonly Identifier[]): readonly Identifier[] => {
  const byId = new Map<string, Identifier>();
  for (const one of identifiers) {
    const id = identifierId(one);
    byId.set(id, byId.get(id)?.own ? byId.get(id)! : one);
  }
  return [...byId].sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1)).map(([, one]) => one);
};

/**
 * Names a person whom none of the identifiers names yet.
 * @param namespace secret of the installation, so that the id cannot be made from a record number by anyone else
 */
export const newPatientId = (namespace: string, identifiers: readonly Identifier[]): string => {
  const [first] = inOrder(identifiers);
  if (!first) throw new Error('Nobody is named without a number');
  return uuid5(namespace, [first.kind, first.authority, first.value].join('\u001f'));
};

/** Somebody of whom a message says nothing that may match anyone: known by that message alone, and no other finds them. */
export const patientOfMessage = (namespace: string, inboundId: string): string => uuid5(namespace, ['message', inboundId].join('\u001f'));

export interface KnownIdentifier {
  readonly id: string;
  readonly patientId: string;
  readonly kind: Identifier['kind'];
  readonly authority: string;
  readonly value: string;
  /** The id that the patient goes by, where records were merged. */
  readonly personId?: string;
}

export interface Resolution {
  readonly patientId: string;
  /** Not known to anyone before. */
  readonly learned: readonly Identifier[];
  /** `identifiers-disagree`: they point at different people; the record number's was taken, a person has to look. */
  readonly flags: readonly string[];
}

/**
 * Who is meant. The best identifier that is known decides. One exception: a person index or national number does not
 * make two people one who have different record numbers from the same giver; such a message names a new person.
 * @param known every row of the person-identifiers that the message names
 * @param recordNumbersOf the record numbers a patient is known by
 */
export const resolve = (
  namespace: string,
  identifiers: readonly Identifier[],
  known: ReadonlyMap<string, KnownIdentifier>,
  recordNumbersOf: (patientId: string) => readonly KnownIdentifier[],
): Resolution => {
  const ordered = inOrder(identifiers);
  const contradicts = (patientId: string): boolean =>
    ordered.some(
      (one) =>
        one.kind === 'record-number' &&
        recordNumbersOf(patientId).some((other) => other.authority === one.authority && other.value !== one.value),
    );
  const hits = ordered.flatMap((one) => {
    const hit = known.get(identifierId(one));
    return hit ? [hit] : [];
  });
  const taken = hits.find((hit) => hit.kind === 'record-number' || !contradicts(hit.patientId));
  const patientId = taken?.patientId ?? newPatientId(namespace, ordered);
  const personOf = (one: KnownIdentifier): string => one.personId ?? one.patientId;
  const person = taken ? personOf(taken) : patientId;
  return {
    patientId,
    learned: ordered.filter((one) => !known.has(identifierId(one))),
    flags: hits.some((hit) => personOf(hit) !== person) ? ['identifiers-disagree'] : [],
  };
};
