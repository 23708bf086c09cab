import type { DocumentSaid, SaidOnce, StaySaid } from '../../domain/said.js';
import type { Base } from './adt-words.js';
import type { Er7Message, Reason, Segment } from './er7.js';
import type { Times } from './message-times.js';
import { said } from './said-parts.js';

/** Document messages (HL7 v2.5.1, 9.6): odd numbers announce, even ones bring the text; T11 takes the document back. */
export const DOCUMENTS: readonly string[] = ['T01', 'T02', 'T03', 'T04', 'T05', 'T06', 'T07', 'T08', 'T09', 'T10', 'T11'].map((trigger) => `MDM^${trigger}`);

export type DocumentRead = { readonly document: DocumentSaid } | { readonly reasons: readonly Reason[] };

/** TXA says which document and of what kind. */
export const readDocument = (message: Er7Message, type: string, read: Times['read']): DocumentRead => {
  const txa = message.first('TXA');
  if (!txa) return { reasons: [{ code: 100, where: 'TXA', text: 'The TXA segment is missing' }] };
  const written = read(txa, 7) ?? read(txa, 6) ?? read(txa, 4);
  const number = txa.text(12, 1) || txa.text(12, 3);
  return {
    document: {
      ...said('number', number),
      kind: { ...said('code', txa.text(2, 1)), ...said('display', txa.text(2, 2)), ...said('system', txa.text(2, 3)) },
      ...said('completion', txa.text(17)),
      ...(written ? { writtenAt: written.instant } : {}),
      withContent: message.all('OBX').some((obx) => obx.raw(5) !== ''),
      withdrawn: type === 'MDM^T11',
    },
  };
};

/** What a document that came in a message says beside that it is there. */
export interface Inside {
  readonly parts: readonly SaidOnce[];
  readonly flags: readonly string[];
}
export type ReadInside = (content: Buffer | string, around: { readonly base: Base; readonly stay: StaySaid }) => Inside;

const NOTHING: Inside = { parts: [], flags: [] };
const NOT_READ: Inside = { parts: [], flags: ['content-not-read'] };

/** ED: OBX-5.4 says how OBX-5.5 is written down. */
const contentOf = (obx: Segment): Buffer | string => {
  const [encoding, data] = [obx.text(5, 4).toUpperCase(), obx.rest(5, 5)];
  if (encoding === 'BASE64') return Buffer.from(data, 'base64');
  return encoding === 'HEX' ? Buffer.from(data, 'hex') : data;
};

const isClinical = (content: Buffer | string): boolean =>
  /<(?:[\w.-]+:)?ClinicalDocument[\s>]/.test((typeof content === 'string' ? content.slice(0, 20_000) : content.subarray(0, 20_000).toString('latin1')).replaceAll('\0', ''));

/** The C-CDA in OBX-5, where there is one; letters, pictures and everything else are kept, and not looked into. */
export const readContent = (message: Er7Message, around: Parameters<ReadInside>[1], readInside: ReadInside): Inside => {
  const encapsulated = message.all('OBX').filter((obx) => obx.text(2) === 'ED');
  const [content, ...others] = encapsulated.map(contentOf).filter(isClinical);
  if (content === undefined) return encapsulated.some((obx) => /cda/i.test(obx.text(5, 3))) ? NOT_READ : NOTHING;
  return others.length > 0 ? NOT_READ : readInside(content, around);
};
