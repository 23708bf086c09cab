import type { DocumentSaid, StaySaid } from '../../domain/said.js';
import { all, attribute, first, hasTemplate, idOf, numberOf, ownNumber, textOf } from './cda-values.js';
import { ACT_CODE, codeIn, codedOf, codings, hasCode } from './coded-values.js';
import type { Reading } from './reading.js';
import { authorityOf, type Authorities } from './record-target.js';
import type { XmlElement } from './xml-tree.js';

/** C-CDA R2.1, value set DischargeSummaryDocumentTypeCode (2.16.840.1.113883.11.20.4.1) and the document's template. */
const SUMMARY_CODES = ['18842-5', '11490-0', '28655-9', '29761-4', '34745-0', '34105-7', '34106-5'];
const SUMMARY_TEMPLATE = '2.16.840.1.113883.10.20.22.1.8';

export const isDischargeSummary = (root: XmlElement): boolean => hasCode(first(root, 'code'), SUMMARY_CODES) || hasTemplate(root, SUMMARY_TEMPLATE);

/**
 * A later version of a document is the same document: versions share their set. One that only names what it replaces goes by
 * the number of that.
 */
const numberOfDocument = (root: XmlElement): string | undefined => {
  const set = idOf(first(root, 'setId'));
  if (set) return numberOf(set);
  const replaced = all(root, 'relatedDocument').filter((one) => attribute(one, 'typeCode') === 'RPLC').map((one) => first(one, 'parentDocument'));
  const parent = replaced.map((one) => idOf(first(one, 'setId'))).find((id) => id !== undefined);
  return parent ? numberOf(parent) : (replaced.map(ownNumber).find((number) => number !== undefined) ?? ownNumber(root));
};

/** A body that only points elsewhere brings no text. */
const hasContent = (root: XmlElement): boolean => {
  const text = first(root, 'component', 'nonXMLBody', 'text');
  return first(root, 'component', 'structuredBody') !== undefined || (text !== undefined && first(text, 'reference') === undefined && text.children.length > 0);
};

export const readDocumentHeader = (root: XmlElement, reading: Reading): DocumentSaid => {
  const number = numberOfDocument(root);
  const kind = codedOf(first(root, 'code'), reading);
  const display = kind?.display ?? (textOf(first(root, 'title')) || kind?.text);
  return {
    ...(number === undefined ? {} : { number }),
    kind: { ...(kind?.code === undefined ? {} : { code: kind.code }), ...(display === undefined ? {} : { display }), ...(kind?.system === undefined ? {} : { system: kind.system }) },
    ...(reading.written ? { writtenAt: reading.written.instant } : {}),
    withContent: hasContent(root),
    withdrawn: false,
  };
};

const encounterOf = (root: XmlElement): XmlElement | undefined => first(root, 'componentOf', 'encompassingEncounter');

/**
 * Whose number of a visit it is says only an OID that we were told of: an OID that nobody else writes would make two stays of
 * one. Without an authority the number fits any of the same person's.
 */
export const stayNumbers = (root: XmlElement, authorities: Authorities): { readonly stay?: Pick<StaySaid, 'visit'> } => {
  const id = all(encounterOf(root), 'id').map(idOf).find((one) => one !== undefined && (one.extension !== undefined || one.root.includes('-')));
  if (!id) return {};
  const authority = id.extension === undefined ? undefined : authorityOf(id.root, authorities);
  return { stay: { visit: { value: id.extension ?? id.root, ...(authority === undefined || authority.startsWith('urn:oid:') ? {} : { authority }) } } };
};

const facilityOf = (root: XmlElement, encounter: XmlElement, sender: string): StaySaid['facility'] => {
  const place = first(encounter, 'location', 'healthCareFacility');
  const name = textOf(first(place, 'location', 'name')) || textOf(first(place, 'serviceProviderOrganization', 'name'));
  const custodian = textOf(first(root, 'custodian', 'assignedCustodian', 'representedCustodianOrganization', 'name'));
  const numbers = [place, first(place, 'serviceProviderOrganization')].flatMap((one) => all(one, 'id')).map((id) => idOf(id)?.extension);
  const code = numbers.find((one) => one !== undefined) ?? (name || custodian || sender);
  return name === '' ? { code } : { code, name };
};

export interface StayRead {
  readonly stay: StaySaid;
  /** When the patient left, or is to leave. */
  readonly left?: string;
  readonly leftOnADay: boolean;
}

/** The stay that the document is about: only where it has a beginning or an end is there one. */
export const readStay = (root: XmlElement, reading: Reading, authorities: Authorities, sender: string): StayRead | undefined => {
  const encounter = encounterOf(root);
  const time = first(encounter, 'effectiveTime');
  const [admitted, left] = [reading.time(first(time, 'low')), reading.time(first(time, 'high'))];
  if (!encounter || (!admitted && !left)) return undefined;
  const encounterClass = codeIn(first(encounter, 'code'), [ACT_CODE]);
  const disposition = attribute(codings(first(encounter, 'dischargeDispositionCode'))[0], 'code');
  return {
    stay: {
      ...stayNumbers(root, authorities).stay,
      ...(encounterClass === undefined ? {} : { encounterClass }),
      facility: facilityOf(root, encounter, sender),
      zone: reading.zone,
      ...(admitted ? { admittedAt: admitted.instant } : {}),
      diagnoses: [],
      ...(disposition === undefined ? {} : { disposition }),
    },
    ...(left ? { left: left.instant } : {}),
    leftOnADay: left?.precision === 'day',
  };
};
