import { calendarDate } from './calendar-date.js';
import type { Facility, Identifier, StayNumber } from './said.js';

/** What a summary is asked for by, and what it has to be about. */
export interface SummaryWanted {
  /** Numbers of the person, of the best kind there is: no more is disclosed than finds them. */
  readonly identifiers: readonly Identifier[];
  readonly visits: readonly StayNumber[];
  readonly accounts: readonly StayNumber[];
  readonly admittedAt?: string | undefined;
  readonly dischargedAt: string;
  readonly facility: Facility;
  /** Zone of the facility: days are compared there. */
  readonly zone: string;
}

/** A stay that a document names. Times: an instant, or a day (`YYYY-MM-DD`). */
export interface StayOfDocument {
  /** `authority` absent: its giver is not known here. */
  readonly numbers: readonly StayNumber[];
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
}

const dayOf = (time: string | undefined, zone: string): string | undefined => {
  if (time === undefined) return undefined;
  if (/^\d{4}-\d\d-\d\d$/.test(time)) return time;
  return /T.*(Z|[+-]\d\d:\d\d)$/.test(time) && !Number.isNaN(Date.parse(time)) ? calendarDate(time, zone) : undefined;
};

const sameNumber = (a: StayNumber, b: StayNumber): boolean => a.value === b.value && (!a.authority || !b.authority || a.authority === b.authority);
const otherNumber = (a: StayNumber, b: StayNumber): boolean => a.value !== b.value && a.authority !== undefined && a.authority !== '' && a.authority === b.authority;

const sameDays = (wanted: SummaryWanted, stay: StayOfDocument): boolean => {
  const [starts, ends] = [dayOf(stay.startsAt, wanted.zone), dayOf(stay.endsAt, wanted.zone)];
  const admitted = dayOf(wanted.admittedAt, wanted.zone);
  return ends === dayOf(wanted.dischargedAt, wanted.zone) && (starts === undefined || admitted === undefined || starts === admitted);
};

/**
 * Whether a document is about the stay: it bears its visit or account number. A number of the same giver that is another one is
 * another stay's, whatever else agrees. Where no number can be compared, it has to end on the day of the discharge, and to begin
 * on that of the admission where both are known. A document that says neither is not taken: a summary of an earlier stay would stop
 * the search for this one's.
 */
export const isAboutStay = (wanted: SummaryWanted, stay: StayOfDocument): boolean => {
  const numbers = [...wanted.visits, ...wanted.accounts];
  if (numbers.some((mine) => stay.numbers.some((theirs) => sameNumber(mine, theirs)))) return true;
  if (wanted.visits.some((mine) => stay.numbers.some((theirs) => otherNumber(mine, theirs)))) return false;
  return sameDays(wanted, stay);
};
