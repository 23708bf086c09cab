import type { Contact, Discharge, Encounter, Evidence, Work } from './facts.js';
import type { Episode, Risk } from './episode.js';
import type { Task } from './task.js';

/** Everything known of one person, under all their aliases: the facts, and what was made of them so far. */
export interface Person {
  readonly discharges: readonly Discharge[];
  readonly encounters: readonly Encounter[];
  readonly evidence: readonly Evidence[];
  readonly contacts: readonly Contact[];
  /** By task id. */
  readonly work: ReadonlyMap<string, Work>;
  /** By episode id. */
  readonly risk: ReadonlyMap<string, Risk>;
  readonly episodes: readonly Episode[];
  readonly tasks: readonly Task[];
}

/** The list with one value put in the place of the one it replaces. */
export const replaced = <T>(list: readonly T[], value: T, same: (a: T) => boolean): readonly T[] => [...list.filter((item) => !same(item)), value];

/** Later of two discharges by when they happened, never by when they were heard of; the id settles a tie. */
export const isLater = (a: Discharge, b: Discharge): boolean =>
  a.dischargedAt > b.dischargedAt || (a.dischargedAt === b.dischargedAt && a.dischargeId > b.dischargeId);

/** Reasons for not following up that still end what came before: the person died, or is in other hands. A visit to the emergency room does not. */
const ENDS_EARLIER = new Set(['deceased', 'left-to-inpatient-care', 'hospice']);

/** A newer discharge of the same person takes over from an older one. */
export const supersedes = (newer: Discharge, older: Discharge): boolean =>
  newer.dischargeId !== older.dischargeId &&
  !newer.withdrawn &&
  (newer.notFollowedUp === undefined || ENDS_EARLIER.has(newer.notFollowedUp)) &&
  isLater(newer, older);

/** Emergency department visits without a stay (HL7 table 0004 `E`, FHIR `EMER`) are no readmission. */
const NO_STAY = new Set(['E', 'EMER']);

/** The person is in hospital again: by event time, in another encounter, and not discharged from it. */
export const isReadmitted = (discharge: Discharge, encounters: readonly Encounter[]): boolean =>
  encounters.some(
    (encounter) =>
      encounter.encounterId !== discharge.encounterId &&
      encounter.status !== 'discharged' &&
      encounter.status !== 'withdrawn' &&
      encounter.admittedAt !== undefined &&
      encounter.admittedAt > discharge.dischargedAt &&
      !NO_STAY.has((encounter.encounterClass ?? '').toUpperCase()),
  );

/**
 * The contacts that count for a discharge: after it (a nurse's call before discharge is no contact), and either recorded for
 * its episode or, when no episode was named, after no later discharge of the person.
 */
export const contactsFor = (discharge: Discharge, episodeId: string, person: Pick<Person, 'contacts' | 'discharges'>): readonly Contact[] =>
  person.contacts
    .filter((contact) => {
      if (contact.at < discharge.earliestAt) return false;
      if (contact.episodeId !== undefined) return contact.episodeId === episodeId;
      return !person.discharges.some((other) => other.everFollowed && other.earliestAt <= contact.at && beganLater(other, discharge));
    })
    .sort((a, b) => (a.at === b.at ? (a.contactId < b.contactId ? -1 : 1) : a.at < b.at ? -1 : 1));

const beganLater = (a: Discharge, b: Discharge): boolean =>
  a.dischargeId !== b.dischargeId && (a.earliestAt > b.earliestAt || (a.earliestAt === b.earliestAt && a.dischargeId > b.dischargeId));
