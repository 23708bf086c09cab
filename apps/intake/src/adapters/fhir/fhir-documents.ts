import type { DocumentSaid } from '../../domain/said.js';
import { codedOf, codesOf, wordsOf, type Coded } from './fhir-codes.js';
import { numberOf, stayOfReference } from './fhir-numbers.js';
import { readTime } from './fhir-times.js';
import { part, parts, said, text, type Json } from './json-values.js';
import { told, type Reader, type Reading } from './reading.js';
import type { Entry } from './references.js';
import { ofAnySubject } from './subject.js';

/** Where each kind of resource says what a document is. */
interface Kind {
  readonly coded: (resource: Json) => Coded;
  readonly written: readonly string[];
  readonly status: 'status' | 'docStatus';
  readonly stay: (resource: Json) => Json | undefined;
  readonly content: (resource: Json) => boolean;
  readonly numbers?: readonly string[];
}

/** Kinds of document are known by LOINC, whatever code a source has of its own. */
const typed = (resource: Json): Coded => codedOf(part(resource, 'type') ?? parts(resource, 'category')[0], /loinc/i);
const encounter = (resource: Json): Json | undefined => part(resource, 'encounter');
const hasNarrative = (resource: Json): boolean => text(part(resource, 'text'), 'div') !== '';
const hasAttachment = (resource: Json): boolean =>
  parts(resource, 'content').map((one) => part(one, 'attachment')).some((one) => text(one, 'data') !== '' || text(one, 'url') !== '');
const hasSections = (resource: Json): boolean => hasNarrative(resource) || parts(resource, 'section').length > 0;

/** Of a questionnaire there is its address, and perhaps a name beside it. */
const questionnaire = (resource: Json): Coded => ({ ...said('code', text(resource, 'questionnaire')), ...said('display', text(parts(part(resource, '_questionnaire'), 'extension')[0], 'valueString')) });

const planned = (resource: Json): Coded => {
  // `assess-plan` only says what every care plan of US Core is.
  const category = parts(resource, 'category').find((one) => !codesOf({ category: [one] }, 'category').includes('assess-plan')) ?? parts(resource, 'category')[0];
  const coded = codedOf(category);
  return { ...coded, ...said('display', text(resource, 'title') || wordsOf({ text: coded.display ?? coded.text })) };
};

const KINDS: Readonly<Record<string, Kind>> = {
  Composition: { coded: typed, written: ['date'], status: 'status', stay: encounter, content: hasSections },
  DocumentReference: {
    coded: typed, written: ['date'], status: 'docStatus', stay: (resource) => parts(part(resource, 'context'), 'encounter')[0], content: hasAttachment,
    numbers: ['masterIdentifier', 'identifier'],
  },
  CarePlan: { coded: planned, written: ['created'], status: 'status', stay: encounter, content: (resource) => hasNarrative(resource) || parts(resource, 'activity').length > 0 || text(resource, 'description') !== '' },
  QuestionnaireResponse: { coded: questionnaire, written: ['authored'], status: 'status', stay: encounter, content: (resource) => parts(resource, 'item').length > 0 },
};

const TAKEN_BACK: readonly string[] = ['entered-in-error', 'superseded'];
/** A document in the making is not yet written, as HL7 table 0271 has it. */
const IN_PROGRESS: readonly string[] = ['draft', 'in-progress', 'preliminary'];

const completionOf = (resource: Json, { status }: Kind): string => {
  const word = text(resource, status);
  return IN_PROGRESS.includes(word) ? 'IP' : word;
};

const documentOf = (entry: Entry, kind: Kind, reading: Reading): DocumentSaid => {
  const { resource } = entry;
  const { code, system, display, text: words } = kind.coded(resource);
  const written = kind.written.map((key) => readTime(text(resource, key), reading.zone)?.instant).find((instant) => instant !== undefined);
  return {
    ...said('number', numberOf(entry, reading, ...(kind.numbers ?? [])) || (entry.fullUrl.startsWith('urn:') ? entry.fullUrl : '')),
    kind: { ...said('code', code), ...said('system', system), ...said('display', display ?? words) },
    ...said('completion', completionOf(resource, kind)),
    ...said('writtenAt', written),
    withContent: kind.content(resource),
    withdrawn: [text(resource, 'status'), text(resource, 'docStatus')].some((word) => TAKEN_BACK.includes(word)),
  };
};

/** That there is a document about somebody, and what kind; its text stays in the message. */
export const readDocument: Reader = (entry, reading) => {
  const kind = KINDS[entry.type]!;
  const subject = parts(entry.resource, 'subject')[0];
  return ofAnySubject(entry, reading, subject, ({ person, moment, flags }) =>
    told({ kind: 'document', person, moment, flags, stay: stayOfReference(kind.stay(entry.resource), entry, reading), document: documentOf(entry, kind, reading) }));
};
