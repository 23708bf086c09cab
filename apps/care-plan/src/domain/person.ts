import type { Contact, Discharge, Encounter, Evidence, Work } from './facts.js';
import type { Episode, Risk } from './episode.js';
import type { Referral } from './referral.js';
import type { Task } from './task.js';

/** Everything known of one person, under all their aliases: the facts, and what was made of them so far. */
export interface Person {
  /** The records of theirs that say that they died. */
  readonly deceased: readonly string[];
  readonly discharges: readonly Discharge[];
  readonly referrals: readonly Referral[];
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

/** Of stays that were stated without saying whether they are any: a visit to the emergency department (HL7 table 0004 `E`, FHIR `EMER`) is none. */
const NO_STAY = new Set(['E', 'EMER', 'EMERGENCY']);

/** A visit to a clinic or an emergency department is no readmission: nobody waits for the patient to leave it. */
const isStay = ({ inpatient, encounterClass = '' }: Encounter): boolean => inpatient ?? !NO_STAY.has(encounterClass.toUpperCase());

/** The person is in hospital again: by event time, in another encounter, and not discharged from it. */
export const isReadmitted = (discharge: Discharge, encounters: readonly Encounter[]): boolean =>
  encounters.some(
    (encounter) =>
      encounter.encounterId !== discharge.encounterId &&
      encounter.status !== 'discharged' &&
      encounter.status !== 'withdrawn' &&
      encounter.admittedAt !== undefined &&
      encounter.admittedAt > discharge.dischargedAt &&
      isStay(encounter),
  );

/** By any of their records, or by how a stay ended. */
export const hasDied = ({ deceased, discharges }: Pick<Person, 'deceased' | 'discharges'>): boolean =>
  deceased.length > 0 || discharges.some(({ withdrawn, notFollowedUp }) => !withdrawn && notFollowedUp === 'deceased');
