import { personOf, personOfTarget } from './fhir-patient.js';
import { part, type Json } from './json-values.js';
import { momentOf, onlyFlag, refused, type Moment, type Person, type Reading, type ResourceRead } from './reading.js';
import type { Entry, Target } from './references.js';

export interface Subject {
  readonly person: Person;
  readonly moment: Moment;
  readonly flags: readonly string[];
}

const about = (person: Person, { resource }: Entry, reading: Reading): Subject => ({ person, moment: momentOf(reading, resource), flags: person.flags });

/** Of a group, a device, a place: it is about nobody. */
const notAPatient = ({ type }: Target): boolean => type !== '' && type !== 'Patient';

const withTarget = (target: Target | undefined, entry: Entry, reading: Reading, absent: () => ResourceRead, tell: (subject: Subject) => ResourceRead): ResourceRead => {
  if (target && notAPatient(target)) return onlyFlag('not-about-a-patient');
  if (target) return tell(about(personOfTarget(target, reading), entry, reading));
  return reading.onlyPatient ? tell(about(personOf(reading.onlyPatient, reading), entry, reading)) : absent();
};

/** Reads a resource that FHIR lets nobody send without a patient, or that nothing can be done with without. */
export const ofSubject = (entry: Entry, reading: Reading, key: string, tell: (subject: Subject) => ResourceRead): ResourceRead =>
  withTarget(reading.resolve(part(entry.resource, key), entry), entry, reading, () => refused({ code: 101, where: `${entry.where}.${key}`, text: 'No patient: refer to one, by id or by identifier' }), tell);

/** Reads a resource that may have no patient: it then says nothing of anybody. */
export const ofAnySubject = (entry: Entry, reading: Reading, reference: Json | undefined, tell: (subject: Subject) => ResourceRead): ResourceRead =>
  withTarget(reading.resolve(reference, entry), entry, reading, () => onlyFlag('without-patient'), tell);
