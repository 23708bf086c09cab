import { all, attribute, isNull, textOf } from './cda-values.js';
import type { Reading } from './reading.js';
import type { XmlElement } from './xml-tree.js';

export const RXNORM = '2.16.840.1.113883.6.88';
export const ICD10 = '2.16.840.1.113883.6.90';
export const LOINC = '2.16.840.1.113883.6.1';
export const ACT_CODE = '2.16.840.1.113883.5.4';

/** The names by which the rest of the world knows these code systems (HL7 Terminology); any other goes by its OID. */
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  [RXNORM, 'http://www.nlm.nih.gov/research/umls/rxnorm'],
  [LOINC, 'http://loinc.org'],
  [ICD10, 'http://hl7.org/fhir/sid/icd-10-cm'],
  ['2.16.840.1.113883.6.96', 'http://snomed.info/sct'],
  ['2.16.840.1.113883.6.3', 'http://hl7.org/fhir/sid/icd-10'],
  ['2.16.840.1.113883.6.103', 'http://hl7.org/fhir/sid/icd-9-cm'],
  ['2.16.840.1.113883.6.69', 'http://hl7.org/fhir/sid/ndc'],
  ['2.16.840.1.113883.6.12', 'http://www.ama-assn.org/go/cpt'],
  ['2.16.840.1.113883.4.9', 'http://fdasis.nlm.nih.gov'],
  ['2.16.840.1.113883.12.292', 'http://hl7.org/fhir/sid/cvx'],
  ['2.16.840.1.113883.3.26.1.1', 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl'],
  ['2.16.840.1.113883.3.26.1.5', 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl'],
]);

const systemOf = (oid: string): string => SYSTEMS.get(oid) ?? `urn:oid:${oid}`;

export interface Coded {
  readonly code?: string;
  readonly system?: string;
  readonly display?: string;
  /** The source's own words. */
  readonly text?: string;
}

/** The code and its translations: each the same thing in another system. */
export const codings = (element: XmlElement | undefined): readonly XmlElement[] =>
  element === undefined ? [] : [element, ...all(element, 'translation')].filter((one) => attribute(one, 'code') !== undefined);

export const codeIn = (element: XmlElement | undefined, systems: readonly string[]): string | undefined =>
  attribute(codings(element).find((one) => systems.includes(one.attributes.get('codeSystem') ?? '')), 'code');

export const hasCode = (element: XmlElement | undefined, codes: readonly string[]): boolean => codings(element).some((one) => codes.includes(attribute(one, 'code')!));

/** CD, CE. @param best the system that is understood most widely, where the code or a translation is of it */
export const codedOf = (element: XmlElement | undefined, reading: Reading, ...best: readonly string[]): Coded | undefined => {
  if (element === undefined) return undefined;
  const known = codings(element);
  const chosen = known.find((one) => best.includes(one.attributes.get('codeSystem') ?? '')) ?? known[0];
  const [code, oid] = [attribute(chosen, 'code'), attribute(chosen, 'codeSystem')];
  const display = attribute(chosen, 'displayName', 1_000) ?? (isNull(element) ? undefined : attribute(element, 'displayName', 1_000));
  const text = all(element, 'originalText').map(reading.words).find((words) => words !== '');
  const coded = {
    ...(code === undefined ? {} : { code, ...(oid === undefined ? {} : { system: systemOf(oid) }) }),
    ...(display === undefined ? {} : { display }),
    ...(text === undefined ? {} : { text }),
  };
  return Object.keys(coded).length > 0 ? coded : undefined;
};

/** How a person would say it. */
export const wordsFor = (coded: Coded | undefined): string | undefined => coded?.display ?? coded?.text ?? coded?.code;

/** The value of an observation in a sentence: its code's words, or the text that it is. */
export const valueWords = (element: XmlElement | undefined, reading: Reading): string | undefined => wordsFor(codedOf(element, reading)) ?? (textOf(element) || undefined);
