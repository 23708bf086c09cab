import { decide, type OfOnePerson } from '../domain/decide.js';
import { documentFacts, documentId, hearDocument } from '../domain/document.js';
import { nextOf } from '../domain/person.js';
import type { SaidOnce } from '../domain/said.js';
import { learnAll } from './learn.js';
import type { Became, IntakeTx, Resolved } from './ports.js';

type DocumentMessage = SaidOnce & { what: 'document' };

/** That there is a document, and what kind. Its text stays in the message. */
export const receiveDocument = async (said: DocumentMessage, inboundId: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const { stay, document: told, ...message } = said;
  const before = await tx.person(who.patientId);
  // What else the message says is said of the person.
  const { person, events, flags } = decide(before, { ...message, what: 'update' } satisfies OfOnePerson, inboundId, tx.rules);
  const ids = [person.patient, ...person.others].map(({ patientId }) => ({ patientId, id: documentId(patientId, said.sender, told, inboundId) }));
  const found = await Promise.all(ids.map(({ patientId, id }) => tx.document(patientId, id)));
  const known = found.find((one) => one !== undefined);
  const { patientId, id } = ids[found.findIndex((one) => one !== undefined)] ?? ids[0]!;
  const stamp = { at: said.at, receivedAt: said.receivedAt, by: inboundId };
  const heard = hearDocument(known, { documentId: id, patientId, version: 0, source: said.sender, stay, said: told, stamp });
  const published = documentFacts(heard, person, tx.summaryKinds);
  const data = nextOf(heard, published);
  tx.keep(before, person);
  learnAll(who, tx);
  tx.publish(...events, ...(data ? [{ type: 'care.document.received.v1' as const, data }] : []));
  if (data) tx.keepDocument({ ...heard, version: data.version, published });
  const { encounterId, withdrawn } = published;
  const outcome = !known ? 'document' : !data ? 'repeat' : withdrawn ? 'withdrawn' : 'correction';
  return { outcome, flags, ...(encounterId === undefined ? {} : { encounterId }) };
};
