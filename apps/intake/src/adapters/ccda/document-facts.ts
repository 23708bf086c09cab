import type { Code, DocumentSaid, Said, SaidOnce, StaySaid } from '../../domain/said.js';
import type { StatementSaid } from '../../domain/statement.js';
import { readAllergies } from './allergies.js';
import { isDischargeSummary, readDocumentHeader, readStay, stayNumbers, type StayRead } from './document-header.js';
import { apart, readMedicines, type MedicinesRead } from './medicines.js';
import { readPlans } from './plans.js';
import { readConditions } from './problems.js';
import type { Reading } from './reading.js';
import type { Authorities } from './record-target.js';
import { readResults } from './results.js';
import { entriesIn, instructionsIn, type Entries, type SectionKind } from './sections.js';
import type { XmlElement } from './xml-tree.js';

/** What every fact of one document says alike. */
export type Base = Pick<Said, 'sender' | 'controlId' | 'receivedAt' | 'patient' | 'at' | 'atSource' | 'flags'>;

export interface DocumentFacts {
  readonly document: DocumentSaid;
  readonly stay: { readonly stay?: Pick<StaySaid, 'visit' | 'account'> };
  /** The summary of a discharge tells of it. */
  readonly leaving?: StayRead | undefined;
  readonly medicines: MedicinesRead;
  readonly statements: readonly StatementSaid[];
  /** What the patient was told to do: documents of their own, whose words stay in this one. */
  readonly instructions: readonly DocumentSaid[];
}

const MAX_DIAGNOSES = 200;
const LOINC_SYSTEM = 'http://loinc.org';

/** Sections may list the same thing, by the same number and in the same words: it is said once. */
const once = (statements: readonly StatementSaid[]): readonly StatementSaid[] => [...new Map(statements.map((one, at) => [one.number === undefined ? at : JSON.stringify(one), one])).values()];

const statementsIn = (entries: Entries, reading: Reading): readonly StatementSaid[] => {
  const of = (...kinds: readonly SectionKind[]): readonly XmlElement[] => kinds.flatMap((kind) => entries.get(kind) ?? []);
  const found: readonly StatementSaid[] = [
    ...readConditions(of('problems', 'discharge-diagnoses', 'admission-diagnoses'), reading),
    ...readAllergies(of('allergies'), reading),
    ...readResults(of('results'), reading),
    ...readPlans(of('plan'), reading),
  ];
  return apart(once(found), ({ kind, number = '' }) => `${kind} ${number}`);
};

const diagnosesIn = (entries: Entries, reading: Reading): readonly Code[] =>
  readConditions(entries.get('discharge-diagnoses') ?? [], reading).slice(0, MAX_DIAGNOSES).flatMap(({ says: { code: { code, system, display, text } } }) =>
    code === undefined ? [] : [{ code, ...(system === undefined ? {} : { system }), ...((display ?? text) === undefined ? {} : { display: (display ?? text)! }) }],
  );

const instructionsOf = (root: XmlElement, { number, writtenAt }: DocumentSaid): readonly DocumentSaid[] =>
  instructionsIn(root).map(({ code, display }) => ({
    ...(number === undefined ? {} : { number: `${number}#${code}` }), kind: { code, system: LOINC_SYSTEM, display }, ...(writtenAt === undefined ? {} : { writtenAt }), withContent: true, withdrawn: false,
  }));

export const factsIn = (root: XmlElement, reading: Reading, authorities: Authorities, sender: string): DocumentFacts => {
  const entries = entriesIn(root);
  const read = isDischargeSummary(root) ? readStay(root, reading, authorities, sender) : undefined;
  const document = readDocumentHeader(root, reading);
  return {
    document,
    instructions: instructionsOf(root, document),
    stay: stayNumbers(root, authorities),
    leaving: read?.left === undefined ? undefined : { ...read, stay: { ...read.stay, diagnoses: diagnosesIn(entries, reading) } },
    medicines: readMedicines(entries, reading),
    statements: statementsIn(entries, reading),
  };
};

/** A summary that is written before the patient leaves announces it. */
const leavingPart = (base: Base, { stay, left, leftOnADay }: StayRead): SaidOnce => {
  if (left! > base.receivedAt) return { ...base, what: 'plan-discharge', stay, expectedAt: left! };
  return { ...base, flags: [...base.flags, ...(leftOnADay ? ['discharge-time-is-a-day'] : [])], what: 'discharge', stay, discharge: { at: left!, source: 'effectiveTime' } };
};

const linesPart = (base: Base, stay: DocumentFacts['stay'], lines: MedicinesRead['others']): readonly SaidOnce[] => {
  const [prescription, ...more] = lines;
  return prescription === undefined ? [] : [{ ...base, what: 'prescription', ...stay, prescription, ...(more.length > 0 ? { more } : {}) }];
};

/** What a document says beside that it is there: the leaving, medicines of the stay and others, instructions, statements. */
export const partsBeside = (base: Base, facts: DocumentFacts): readonly SaidOnce[] => [
  ...(facts.leaving ? [leavingPart(base, facts.leaving)] : []),
  ...linesPart(base, facts.stay, facts.medicines.ofTheStay),
  ...linesPart(base, {}, facts.medicines.others),
  ...facts.instructions.map((document): SaidOnce => ({ ...base, what: 'document', ...facts.stay, document })),
  ...(facts.statements.length > 0 ? [{ ...base, what: 'statements', ...facts.stay, statements: facts.statements } as const] : []),
];
