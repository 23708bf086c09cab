import { instantOf } from '@throughline/kernel/business-time';
import { idOf } from '@throughline/kernel/ids';
import { Refused } from '@throughline/kernel/refused';
import type { Contact } from '../domain/facts.js';
import type { Tx } from './ports.js';
import { settlePerson } from './settle-person.js';
import { tellOfContact } from './tell-of.js';

export type ContactInput = Omit<Contact, 'contactId' | 'by' | 'version'>;

/** A person says that they tried to reach the patient or a caregiver, and how it went: that attests it. */
export const recordContact = async (input: ContactInput, tx: Tx): Promise<Contact> => {
  const person = await tx.person(input.patientId);
  const at = instantOf(input.at);
  if (at > tx.now) throw new Refused('contact-in-the-future', 'A contact is recorded after it was tried: correct its time.', 'at');
  const episode = person.episodes.find(({ episodeId }) => episodeId === input.episodeId);
  if (input.episodeId !== undefined && !episode) throw new Refused('episode-not-of-patient', 'The patient has no such episode: leave it out, or read the episodes again.', 'episodeId');
  // Filed under the key of what it is about, so that order with it holds.
  const patientId = episode?.patientId ?? input.patientId;
  const contact: Contact = { ...input, patientId, at, contactId: idOf('contact', tx.causationId), by: tx.actor, version: 1 };
  const { note: _stays, ...said } = contact;
  tx.keepContact(contact);
  tx.publish({ type: 'care.contact.recorded.v1', data: said });
  tx.tell(tellOfContact(contact));
  settlePerson({ ...person, contacts: [...person.contacts, contact] }, tx);
  return contact;
};
