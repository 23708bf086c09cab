import type { MergeSaid, PrescriptionSaid, SaidOnce } from '../../domain/said.js';
import type { StatementSaid } from '../../domain/statement.js';
import { isStay } from './encounter-class.js';
import { personOf } from './fhir-patient.js';
import { momentOf, type Fact, type MessageFields, type Moment, type Person, type Reading } from './reading.js';

type Header = Pick<MessageFields, 'sender' | 'controlId' | 'receivedAt'>;
type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

const ofKind = <K extends Fact['kind']>(facts: readonly Fact[], kind: K): readonly FactOf<K>[] => facts.filter((one): one is FactOf<K> => one.kind === kind);
const flagsOf = (facts: readonly Fact[]): readonly string[] => [...new Set(facts.flatMap(({ flags }) => flags))];

const fields = (header: Header, { patient }: Person, { at, atSource }: Moment, flags: readonly string[]): MessageFields => ({ ...header, patient, at, atSource, flags });

/** Both records of a merge may say it: once is enough. */
const mergesOf = (facts: readonly FactOf<'merge'>[], header: Header): readonly SaidOnce[] => {
  const keyOf = ({ into, retired }: MergeSaid): string => JSON.stringify([into.identifiers, retired]);
  const merges = [...new Map(facts.map(({ merge }) => [keyOf(merge), merge])).values()];
  const [first] = facts;
  return first ? [{ ...fields(header, first.person, first.moment, flagsOf(facts)), what: 'merge', merges }] : [];
};

const timeOf = ({ words, moment }: FactOf<'stay'>): string => (words.what === 'discharge' ? words.discharge.at : (words.stay?.admittedAt ?? moment.at));
const stayKey = ({ words }: FactOf<'stay'>): string => JSON.stringify([words.stay?.visit, words.stay?.account, words.stay?.admittedAt]);

/**
 * Marks stays that are past: of one person's discharges only the last may be followed up, and none where the person has been
 * admitted since. A message with a whole history must not call for every stay in it.
 */
const withEarlier = (stays: readonly FactOf<'stay'>[]): readonly FactOf<'stay'>[] => {
  const lasts = new Map<string, { readonly time: string; readonly key: string }>();
  for (const one of stays) {
    const { what, stay } = one.words;
    const counts = (what === 'discharge' || what === 'admission') && isStay(stay.encounterClass);
    const known = lasts.get(one.person.key);
    if (counts && (!known || timeOf(one) >= known.time)) lasts.set(one.person.key, { time: timeOf(one), key: stayKey(one) });
  }
  return stays.map((one) => {
    const last = lasts.get(one.person.key);
    if (one.words.what !== 'discharge' || !isStay(one.words.stay.encounterClass) || !last || last.key === stayKey(one)) return one;
    return { ...one, words: { ...one.words, stay: { ...one.words.stay, earlier: true } } };
  });
};

const staysOf = (facts: readonly FactOf<'stay'>[], header: Header): readonly SaidOnce[] =>
  withEarlier([...facts].sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0))).map((one) => ({ ...fields(header, one.person, one.moment, one.flags), ...one.words }));

/** Tells apart what bears the same number, or none, in one message: by its place. */
const apart = <T extends { readonly place?: number }>(all: readonly T[], keyOf: (one: T) => string): readonly T[] => {
  const counts = new Map<string, number>();
  return all.map((one) => {
    const place = (counts.get(keyOf(one)) ?? 0) + 1;
    counts.set(keyOf(one), place);
    return place === 1 ? one : { ...one, place };
  });
};

/** What one person's source said at one moment (of one stay) is one part of the message. */
const grouped = <F extends Fact>(facts: readonly F[], ofStay: (fact: F) => unknown): readonly (readonly [F, ...F[]])[] =>
  [...Map.groupBy(facts, (one) => JSON.stringify([one.person.key, one.moment.at, ofStay(one)])).values()] as unknown as readonly (readonly [F, ...F[]])[];

const linesOf = (facts: readonly FactOf<'line'>[], header: Header): readonly SaidOnce[] => {
  const lines = apart(facts.map(({ line }) => line), ({ orderId = '' }) => orderId);
  const placed = facts.map((one, n): FactOf<'line'> => ({ ...one, line: lines[n] as PrescriptionSaid }));
  return grouped(placed, ({ stay }) => stay).map((group) => {
    const [{ person, moment, stay, line }, ...more] = group;
    const rest = more.map((one) => one.line);
    return { ...fields(header, person, moment, flagsOf(group)), what: 'prescription', ...(stay ? { stay } : {}), prescription: line, ...(rest.length > 0 ? { more: rest } : {}) };
  });
};

const documentsOf = (facts: readonly FactOf<'document'>[], header: Header): readonly SaidOnce[] =>
  facts.map(({ person, moment, flags, stay, document }) => ({ ...fields(header, person, moment, flags), what: 'document', ...(stay ? { stay } : {}), document }));

const statementsOf = (facts: readonly FactOf<'statement'>[], header: Header): readonly SaidOnce[] => {
  const statements = apart(facts.map(({ statement }) => statement), ({ kind, number = '' }) => `${kind}|${number}`);
  const placed = facts.map((one, n): FactOf<'statement'> => ({ ...one, statement: statements[n] as StatementSaid }));
  return grouped(placed, () => '').map((group) => ({
    ...fields(header, group[0].person, group[0].moment, flagsOf(group)), what: 'statements', statements: group.map(({ statement }) => statement),
  }));
};

/** A person of whom nothing else is told: what the record itself says. One that another took over is told of by the merge. */
const restOf = (facts: readonly Fact[], reading: Reading, header: Header): readonly SaidOnce[] => {
  const spoken = new Set(facts.map(({ person }) => person.key));
  const retired = new Set(ofKind(facts, 'merge').flatMap(({ merge }) => merge.retired.map((one) => JSON.stringify(one))));
  return reading.entries
    .filter(({ type, where }) => type === 'Patient' && !spoken.has(where))
    .map((entry) => ({ entry, person: personOf(entry, reading) }))
    .filter(({ person }) => !person.patient.identifiers.some((one) => retired.has(JSON.stringify(one))))
    .map(({ entry, person }): SaidOnce => ({ ...fields(header, person, momentOf(reading, entry.resource), person.flags), what: 'update' }));
};

/** Facts, in the order in which they are taken: who is who, stays, what was prescribed, documents, all else. */
export const assemble = (facts: readonly Fact[], reading: Reading, header: Header): readonly SaidOnce[] => [
  ...mergesOf(ofKind(facts, 'merge'), header),
  ...staysOf(ofKind(facts, 'stay'), header),
  ...linesOf(ofKind(facts, 'line'), header),
  ...documentsOf(ofKind(facts, 'document'), header),
  ...statementsOf(ofKind(facts, 'statement'), header),
  ...restOf(facts, reading, header),
];
