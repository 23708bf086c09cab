import type { StaySaid } from '../../domain/said.js';
import { isInHospital } from './encounter-class.js';
import { stayOf } from './encounter-stay.js';
import { readTime } from './fhir-times.js';
import { part, text } from './json-values.js';
import { momentOf, told, type Reader, type Reading, type StayWords } from './reading.js';
import type { Entry } from './references.js';
import { ofSubject } from './subject.js';

interface Words {
  readonly words: StayWords;
  readonly flags: readonly string[];
}

/** Numbers alone: where a stay is taken back, what else is said of it holds for nothing. */
const numbersOnly = ({ visit, account, admittedAt, facility, zone }: StaySaid): StaySaid => ({
  ...(visit ? { visit } : {}), ...(account ? { account } : {}), ...(admittedAt === undefined ? {} : { admittedAt }), facility, zone, diagnoses: [],
});

const update = (stay: StaySaid, ...flags: readonly string[]): Words => ({ words: { what: 'update', stay }, flags });

/** A stay within a stay (`partOf`) that the message holds ends with a transfer, not with a discharge: the whole one says when. */
const isWithinAnother = (entry: Entry, reading: Reading): boolean => reading.resolve(part(entry.resource, 'partOf'), entry)?.entry?.type === 'Encounter';

/**
 * A finished encounter is a discharge once it says when it ended; whether anybody is called is decided by its class, in the
 * rules. Two say less than that: one without an end, and one that has neither a class nor anything of a hospital.
 */
const finished = (entry: Entry, stay: StaySaid, reading: Reading): Words => {
  if (isWithinAnother(entry, reading)) return update(stay, 'part-of-another-stay');
  const ended = readTime(text(part(entry.resource, 'period'), 'end'), reading.zone);
  if (!ended) return update(stay, 'no-discharge-time');
  if (stay.encounterClass === undefined && !part(entry.resource, 'hospitalization')) return update(stay, 'no-class');
  return {
    words: { what: 'discharge', stay, discharge: { at: ended.instant, source: 'period.end' } },
    flags: ended.precision === 'day' ? ['discharge-time-is-a-day'] : [],
  };
};

/** Da Vinci has no event that takes a discharge back: it sends the discharge of an encounter that is under way again. */
const underWay = (entry: Entry, stay: StaySaid, reading: Reading): Words => {
  const { event } = reading;
  const notified = event?.focus.has(entry) ? event.code : '';
  if (notified === 'notification-discharge') return { words: { what: 'cancel-discharge', stay }, flags: [] };
  const admitted = notified === 'notification-admit' || notified === 'notification-transfer';
  if (!admitted && isWithinAnother(entry, reading)) return update(stay, 'part-of-another-stay');
  const known = stay.encounterClass !== undefined || part(entry.resource, 'hospitalization') !== undefined;
  // Told by its own source's clock, it is how things stand: a discharge said before did not last.
  const still = momentOf(reading, entry.resource).atSource !== 'received';
  if (admitted || (known && isInHospital(stay.encounterClass))) return { words: { what: 'admission', stay, ...(still ? { still } : {}) }, flags: [] };
  return update(stay, ...(known ? [] : ['no-class']));
};

/** Announced: the time in it is when it is expected, and without a number nothing later could be told to be about it. */
const announced = ({ admittedAt: _expected, ...stay }: StaySaid): Words => ({ words: { what: 'update', ...(stay.visit || stay.account ? { stay } : {}) }, flags: [] });

const UNDER_WAY: readonly string[] = ['in-progress', 'onleave', 'arrived', 'triaged'];
const NO_STAY: readonly string[] = ['cancelled', 'entered-in-error'];

const wordsOf = (entry: Entry, reading: Reading): Words => {
  const stay = stayOf(entry, reading);
  const status = text(entry.resource, 'status');
  if (status === 'finished') return finished(entry, stay, reading);
  if (UNDER_WAY.includes(status)) return underWay(entry, stay, reading);
  if (NO_STAY.includes(status)) return { words: { what: 'cancel-stay', stay: numbersOnly(stay) }, flags: [] };
  return status === 'planned' ? announced(stay) : update(stay);
};

/** An Encounter, in our words: by its status, its class, and the event that it was sent for. */
export const readEncounter: Reader = (entry, reading) =>
  ofSubject(entry, reading, 'subject', ({ person, moment, flags }) => {
    const { words, flags: more } = wordsOf(entry, reading);
    return told({ kind: 'stay', person, moment, words, flags: [...flags, ...more] });
  });
