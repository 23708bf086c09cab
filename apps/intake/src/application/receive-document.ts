import { documentFacts, documentId, hearDocument } from '../domain/document.js';
import { nextOf } from '../domain/person.js';
import type { SaidOnce } from '../domain/said.js';
import type { Became, IntakeTx, Resolved } from './ports.js';
import { underAnyRecord, updatePerson } from './said-beside.js';

type DocumentMessage = SaidOnce & { what: 'document' };

/** That there is a document, and what kind. Its text stays in the message. */
export const receiveDocument = async (said: DocumentMessage, inboundId: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const { stay, document: told, ...message } = said;
  const { person, flags } = await updatePerson({ ...message, what: 'update' }, inboundId, who, tx);
  const { id, patientId, known } = await underAnyRecord(person, (of) => documentId(of, said.sender, told, inboundId), (of, named) => tx.document(of, named));
  const stamp = { at: said.at, receivedAt: said.receivedAt, by: inboundId };
  const heard = hearDocument(known, { documentId: id, patientId, version: 0, source: said.sender, stay, said: told, stamp });
  const published = documentFacts(heard, person, tx.summaryKinds);
  const data = nextOf(heard, published);
  if (data) tx.publish({ type: 'care.document.received.v1', data });
  // Said again later, it holds from then on: an older word that comes after it changes nothing.
  if (data || heard.stamp !== known?.stamp) tx.keepDocument({ ...heard, version: data?.version ?? heard.version, published });
  const { encounterId, withdrawn } = published;
  const outcome = !known ? 'document' : !data ? 'repeat' : withdrawn ? 'withdrawn' : 'correction';
  return { outcome, flags, ...(encounterId === undefined ? {} : { encounterId }) };
};
