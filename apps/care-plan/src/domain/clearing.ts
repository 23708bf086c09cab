import { contactsFor, type Person } from './person.js';
import { isAbout, type Discharge } from './facts.js';
import type { ProtocolStep } from './protocol.js';
import type { Outcome } from './task.js';

/**
 * What finished a step: a person's word first, else the first fact that clears it. Two documented attempts are shown, and do
 * not clear the contact by themselves: that they were enough is a person's judgement (CPT 99495/99496, attempts rule).
 */
export const clearanceOf = (step: ProtocolStep, taskId: string, discharge: Discharge, episodeId: string, person: Person): Outcome | undefined => {
  const said = person.work.get(taskId)?.completion;
  if (said) return { code: said.code, at: said.at, by: said.by };
  for (const { evidence: code } of step.clearedBy) {
    if (code === 'contact-reached') {
      const contact = contactsFor(discharge, episodeId, person).find(({ outcome }) => outcome === 'reached');
      if (contact) return { code, at: contact.at, by: contact.by, evidence: contact.contactId };
    } else {
      const found = person.evidence.find((evidence) => evidence.kind === code && isAbout(evidence, discharge));
      if (found) return { code, at: found.at, by: found.by, evidence: found.eventId };
    }
  }
  return undefined;
};

/** Somebody did, or began to do, something about this discharge. */
export const wasStarted = (taskIds: readonly string[], discharge: Discharge, episodeId: string, person: Person): boolean =>
  taskIds.some((id) => {
    const { claim, snooze, completion } = person.work.get(id) ?? {};
    return claim ?? snooze ?? completion;
  }) ||
  // A summary that came is nobody's doing here.
  person.evidence.some(({ dischargeId }) => dischargeId === discharge.dischargeId) ||
  contactsFor(discharge, episodeId, person).length > 0;
