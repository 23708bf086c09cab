import type { PrescriptionSaid } from '../../domain/said.js';
import { dosageOf } from './dosage.js';
import { medicineOf } from './fhir-medicine.js';
import { numberOf, stayOfReference } from './fhir-numbers.js';
import { choiceOfTime, readTime } from './fhir-times.js';
import { entryFor, part, parts, said, text, type Json } from './json-values.js';
import { onlyFlag, refused, told, type Reader, type Reading } from './reading.js';
import type { Entry } from './references.js';
import { ofSubject } from './subject.js';

type Status = NonNullable<PrescriptionSaid['status']>;
/** A status that is no line of a list: why not. */
interface NoLine {
  readonly flag: string;
}

/** How each kind of resource tells of a medicine. */
interface Kind {
  readonly statuses: Readonly<Record<string, Status | NoLine>>;
  readonly basis: (resource: Json) => PrescriptionSaid['basis'];
  readonly noLine?: (resource: Json) => string | undefined;
  readonly stay: 'encounter' | 'context';
  readonly dosages: 'dosageInstruction' | 'dosage';
  readonly prescribedAt: (resource: Json, zone: string) => string | undefined;
}

const DRAFT: NoLine = { flag: 'only-a-draft' };
const PROPOSED: NoLine = { flag: 'only-proposed' };

const timeIn = (...keys: readonly string[]) => (resource: Json, zone: string): string | undefined =>
  keys.map((key) => readTime(text(resource, key), zone)?.instant).find((instant) => instant !== undefined);

/** What a patient is said to take, or is planned to, nobody has ordered. */
const requestBasis = (resource: Json): PrescriptionSaid['basis'] => {
  const reported = resource['reportedBoolean'] === true || part(resource, 'reportedReference') !== undefined;
  return reported || text(resource, 'intent') === 'plan' ? undefined : 'ordered';
};

const requestNoLine = (resource: Json): string | undefined => {
  // It says what the patient must not be given.
  if (resource['doNotPerform'] === true) return 'do-not-perform';
  return ['proposal', 'option'].includes(text(resource, 'intent')) ? PROPOSED.flag : undefined;
};

/** That a dispensing or a dose is completed does not end the taking; that an order or a statement is, does. */
const KINDS: Readonly<Record<string, Kind>> = {
  MedicationRequest: {
    statuses: { stopped: 'stopped', cancelled: 'cancelled', 'on-hold': 'on-hold', completed: 'completed', 'entered-in-error': 'cancelled', draft: DRAFT },
    basis: requestBasis, noLine: requestNoLine, stay: 'encounter', dosages: 'dosageInstruction', prescribedAt: timeIn('authoredOn'),
  },
  MedicationStatement: {
    statuses: { stopped: 'stopped', 'not-taken': 'stopped', 'on-hold': 'on-hold', completed: 'completed', 'entered-in-error': 'cancelled', intended: PROPOSED },
    basis: () => undefined, stay: 'context', dosages: 'dosage',
    prescribedAt: (resource, zone) => choiceOfTime(resource, 'effective', zone) ?? readTime(text(resource, 'dateAsserted'), zone)?.instant,
  },
  MedicationDispense: {
    statuses: { cancelled: 'cancelled', declined: 'cancelled', 'on-hold': 'on-hold', stopped: 'stopped', 'entered-in-error': 'cancelled' },
    basis: () => 'dispensed', stay: 'context', dosages: 'dosageInstruction', prescribedAt: timeIn('whenHandedOver', 'whenPrepared'),
  },
  MedicationAdministration: {
    statuses: { 'on-hold': 'on-hold', stopped: 'stopped', 'entered-in-error': 'cancelled', 'not-done': { flag: 'not-done' } },
    basis: () => 'administered', stay: 'context', dosages: 'dosage', prescribedAt: (resource, zone) => choiceOfTime(resource, 'effective', zone),
  },
};

const lineOf = (entry: Entry, kind: Kind, status: Status | undefined, medicine: PrescriptionSaid['medicine'], reading: Reading): PrescriptionSaid => ({
  ...said('orderId', numberOf(entry, reading)),
  medicine,
  ...dosageOf(parts(entry.resource, kind.dosages), reading.zone),
  ...said('prescribedAt', kind.prescribedAt(entry.resource, reading.zone)),
  ...said('status', reading.links.struckOff.has(entry) ? 'stopped' : status),
  ...said('basis', kind.basis(entry.resource)),
});

/** One line of what a patient takes. A resource that names no medicine is refused: nothing can be put in its place. */
export const readMedication: Reader = (entry, reading) => {
  const kind = entryFor(KINDS, entry.type)!;
  const status = entryFor(kind.statuses, text(entry.resource, 'status'));
  const flag = kind.noLine?.(entry.resource) ?? (typeof status === 'object' ? status.flag : undefined);
  if (flag !== undefined) return onlyFlag(flag);
  return ofSubject(entry, reading, 'subject', ({ person, moment, flags }) => {
    const medicine = medicineOf(entry, reading);
    if (!medicine) return refused({ code: 101, where: `${entry.where}.medication`, text: 'No medicine is named: send a code or a text, or the Medication that is referred to' });
    const stay = stayOfReference(part(entry.resource, kind.stay), entry, reading);
    return told({ kind: 'line', person, moment, flags, stay, line: lineOf(entry, kind, typeof status === 'object' ? undefined : status, medicine, reading) });
  });
};
