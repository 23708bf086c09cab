import { isAbout, type Contact } from './facts.js';
import type { Occasion } from './occasion.js';
import type { Person } from './person.js';
import type { ProtocolStep } from './protocol.js';
import type { Outcome } from './task.js';

/**
 * Those of a person's contacts that count for an occasion: after it (a nurse's call before discharge is no contact), and either
 * recorded for its episode or, when no episode was named, after no later occasion of the same kind.
 */
export const contactsFor = (occasion: Occasion, among: readonly Occasion[], contacts: readonly Contact[]): readonly Contact[] => {
  const later = among.filter((other) => other.kind === occasion.kind && beganLater(other, occasion));
  return contacts
    .filter((contact) => {
      if (contact.at < occasion.earliestAt) return false;
      if (contact.episodeId !== undefined) return contact.episodeId === occasion.episodeId;
      return !later.some((other) => other.earliestAt <= contact.at);
    })
    .sort((a, b) => (a.at === b.at ? (a.contactId < b.contactId ? -1 : 1) : a.at < b.at ? -1 : 1));
};

const beganLater = (a: Occasion, b: Occasion): boolean => a.id !== b.id && (a.earliestAt > b.earliestAt || (a.earliestAt === b.earliestAt && a.id > b.id));

/**
 * What finished a step: a person's word first, else the first fact that clears it. Two documented attempts are shown, and do
 * not clear the contact by themselves: that they were enough is a person's judgement (CPT 99495/99496, attempts rule).
 */
export const clearanceOf = (step: ProtocolStep, taskId: string, occasion: Occasion, contacts: readonly Contact[], person: Person): Outcome | undefined => {
  const said = person.work.get(taskId)?.completion;
  if (said) return { code: said.code, at: said.at, by: said.by };
  for (const { evidence: code } of step.clearedBy) {
    if (code === 'contact-reached') {
      const contact = contacts.find(({ outcome }) => outcome === 'reached');
      if (contact) return { code, at: contact.at, by: contact.by, evidence: contact.contactId };
    } else {
      const found = person.evidence.find((evidence) => evidence.kind === code && isAbout(evidence, occasion));
      if (found) return { code, at: found.at, by: found.by, evidence: found.eventId };
    }
  }
  return undefined;
};

/** Somebody did, or began to do, something about it. */
export const wasStarted = (taskIds: readonly string[], occasion: Occasion, contacts: readonly Contact[], person: Person): boolean =>
  taskIds.some((id) => {
    const { claim, snooze, completion } = person.work.get(id) ?? {};
    return claim ?? snooze ?? completion;
  }) ||
  // A summary that came is nobody's doing here.
  person.evidence.some(({ dischargeId }) => dischargeId === occasion.id) ||
  contacts.length > 0;
