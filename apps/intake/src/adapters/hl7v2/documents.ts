import type { DocumentSaid } from '../../domain/said.js';
import type { Er7Message, Reason } from './er7.js';
import type { Times } from './message-times.js';
import { said } from './said-parts.js';

/** Document messages (HL7 v2.5.1, 9.6): odd numbers announce, even ones bring the text; T11 takes the document back. */
export const DOCUMENTS: readonly string[] = ['T01', 'T02', 'T03', 'T04', 'T05', 'T06', 'T07', 'T08', 'T09', 'T10', 'T11'].map((trigger) => `MDM^${trigger}`);

export type DocumentRead = { readonly document: DocumentSaid } | { readonly reasons: readonly Reason[] };

/** TXA says which document and of what kind; the text (OBX) is not looked into here. */
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
