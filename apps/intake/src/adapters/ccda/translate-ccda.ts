import type { Said } from '../../domain/said.js';
import { attribute, CDA, first, ownNumber } from './cda-values.js';
import { codings } from './coded-values.js';
import { factsIn, partsBeside, type Base } from './document-facts.js';
import { readingOf, type Reading } from './reading.js';
import { readRecordTarget, type Authorities } from './record-target.js';
import { readXml, type Reason, type XmlElement } from './xml-tree.js';

/** What is known beforehand of whoever sends documents. */
interface Sender {
  readonly zone?: string | undefined;
  readonly authority?: string | undefined;
  /** OID -> the name of who gives the numbers under it. */
  readonly authorities?: Readonly<Record<string, string>> | undefined;
}

export interface CcdaContext {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly defaultZone: string;
  readonly senders: Readonly<Record<string, Sender>>;
  readonly sender: string;
}

export interface CcdaHeader {
  readonly sender: string;
  /** The document's own id. */
  readonly controlId: string;
  /** `CCDA^18842-5` */
  readonly trigger: string;
}

export type CcdaTranslation =
  | { readonly kind: 'readable'; readonly header: CcdaHeader; readonly said: Said }
  | { readonly kind: 'unreadable'; readonly header: CcdaHeader; readonly reasons: readonly Reason[] };

const MAX_CONTROL_ID = 199;

/** The root of a document, or why it is none. */
export const readDocument = (xml: Buffer | string): { readonly root: XmlElement } | { readonly unreadable: Reason } => {
  const read = readXml(xml, 'ClinicalDocument');
  if ('unreadable' in read) return read;
  if (read.root.space !== CDA) return { unreadable: { code: 102, where: 'ClinicalDocument', text: `The namespace has to be ${CDA}` } };
  return read;
};

/** How its sender's numbers and times are to be read. */
export const settingsOf = (root: XmlElement, { senders, sender, defaultZone, receivedAt }: CcdaContext): { readonly authorities: Authorities; readonly reading: Reading } => {
  const { zone, authority, authorities } = senders[sender] ?? {};
  return { authorities: { own: authority ?? sender, named: authorities ?? {} }, reading: readingOf(root, zone, defaultZone, receivedAt) };
};

const headerOf = (root: XmlElement, sender: string): CcdaHeader => {
  const kind = attribute(codings(first(root, 'code'))[0], 'code') ?? '';
  // Goes into lists and logs, so nothing but a code.
  return { sender, controlId: (ownNumber(root) ?? '').slice(0, MAX_CONTROL_ID + 1), trigger: `CCDA^${/^[\w-]{1,20}$/.test(kind) ? kind : '?'}` };
};

const controlIdReasons = ({ controlId }: CcdaHeader): readonly Reason[] => {
  if (controlId === '') return [{ code: 101, where: 'ClinicalDocument/id', text: "The document's own id is missing" }];
  return controlId.length > MAX_CONTROL_ID ? [{ code: 102, where: 'ClinicalDocument/id', text: `The document's id is longer than ${MAX_CONTROL_ID}` }] : [];
};

/** Document -> our words, or every reason why it cannot be read. Pure, and it never throws. */
export const translateCcda = (xml: Buffer | string, context: CcdaContext): CcdaTranslation => {
  const { sender, receivedAt } = context;
  const found = readDocument(xml);
  if ('unreadable' in found) return { kind: 'unreadable', header: { sender, controlId: '', trigger: '' }, reasons: [found.unreadable] };
  const { root } = found;
  const header = headerOf(root, sender);
  const { authorities, reading } = settingsOf(root, context);
  const person = readRecordTarget(root, authorities);
  const reasons = [...controlIdReasons(header), ...('reasons' in person ? person.reasons : [])];
  if ('reasons' in person || reasons.length > 0) return { kind: 'unreadable', header, reasons };
  const facts = factsIn(root, reading, authorities, sender);
  const unread = reading.written === undefined && attribute(first(root, 'effectiveTime'), 'value') !== undefined ? ['time-unreadable-effectiveTime'] : [];
  const base: Base = {
    sender, controlId: header.controlId, receivedAt, patient: person.patient,
    at: reading.asOf, atSource: reading.written ? 'effectiveTime' : 'received', flags: [...person.flags, ...unread, ...facts.medicines.flags],
  };
  const document = { ...base, what: 'document', ...facts.stay, document: facts.document } as const;
  const beside = partsBeside(base, facts);
  const statements = beside.filter(({ what }) => what === 'statements');
  const parts = [...beside.filter((part) => !statements.includes(part)), document, ...statements];
  return { kind: 'readable', header, said: beside.length === 0 ? document : { ...base, what: 'bundle', parts } };
};
