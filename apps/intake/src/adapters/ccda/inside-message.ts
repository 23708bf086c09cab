import type { Identifier, PatientSaid, SaidOnce, StaySaid } from '../../domain/said.js';
import { factsIn, partsBeside, type Base } from './document-facts.js';
import { readRecordTarget } from './record-target.js';
import { readDocument, settingsOf, type CcdaContext } from './translate-ccda.js';

/** The message that a document came in: who it is about, and which stay. */
export interface Around {
  readonly base: Base;
  readonly stay: StaySaid;
}

export interface InsideRead {
  readonly parts: readonly SaidOnce[];
  readonly flags: readonly string[];
}

const sameNumber = (a: Identifier, b: Identifier): boolean => a.authority === b.authority && a.value.toLowerCase() === b.value.toLowerCase();

/** Numbers of one giver decide; where there are none to compare, two different birthdays are two people. */
const isAnother = (inside: PatientSaid, around: PatientSaid): boolean => {
  const comparable = inside.identifiers.filter((mine) => around.identifiers.some((theirs) => theirs.authority === mine.authority));
  if (comparable.length > 0) return !comparable.some((mine) => around.identifiers.some((theirs) => sameNumber(mine, theirs)));
  return Boolean(inside.birthDate && around.birthDate && inside.birthDate !== around.birthDate);
};

/** Where the message itself names the stay and its facility, its word counts: the same stay's other messages have it so. */
const ofMessage = (inside: StaySaid, { visit, account, facility, encounterClass }: StaySaid): StaySaid => ({
  ...inside, facility,
  ...(visit || account ? { ...(visit ? { visit } : {}), ...(account ? { account } : {}) } : {}),
  ...(encounterClass === undefined ? {} : { encounterClass }),
});

/**
 * What a document within a message says beside that it is there. The message says who it is about; a document about somebody
 * else is not looked into. One that cannot be read is a document all the same.
 */
export const readInside =
  (context: Pick<CcdaContext, 'defaultZone' | 'senders'>) =>
  (content: Buffer | string, { base, stay }: Around): InsideRead => {
    const found = readDocument(content);
    if ('unreadable' in found) return { parts: [], flags: ['content-not-read'] };
    const { authorities, reading } = settingsOf(found.root, { ...context, sender: base.sender, receivedAt: base.receivedAt });
    const person = readRecordTarget(found.root, authorities);
    if ('reasons' in person) return { parts: [], flags: ['content-not-read'] };
    if (isAnother(person.patient, base.patient)) return { parts: [], flags: ['other-patient-inside'] };
    const facts = factsIn(found.root, reading, authorities, base.sender);
    const named = stay.visit || stay.account ? { stay: { ...(stay.visit ? { visit: stay.visit } : {}), ...(stay.account ? { account: stay.account } : {}) } } : facts.stay;
    const leaving = facts.leaving && { ...facts.leaving, stay: ofMessage(facts.leaving.stay, stay) };
    return { parts: partsBeside(base, { ...facts, stay: named, leaving }), flags: facts.medicines.flags };
  };
