import { readDocument } from './fhir-documents.js';
import { readEncounter } from './fhir-encounter.js';
import { readMedication } from './fhir-medication.js';
import { readAllergy, readAppointment, readCondition, readCoverage } from './fhir-statements.js';
import { readObservation, readReport, readRequest } from './fhir-tests.js';
import { entryFor, part, parts } from './json-values.js';
import { readLinks } from './patient-links.js';
import { NOTHING, type Links, type Reader, type Reading, type ResourceRead } from './reading.js';
import type { Entry, Resolve } from './references.js';

/** What each type of resource says. */
const READERS: Readonly<Record<string, Reader>> = {
  Patient: readLinks,
  Encounter: readEncounter,
  MedicationRequest: readMedication, MedicationStatement: readMedication, MedicationDispense: readMedication, MedicationAdministration: readMedication,
  Composition: readDocument, DocumentReference: readDocument, CarePlan: readDocument, QuestionnaireResponse: readDocument,
  AllergyIntolerance: readAllergy, Condition: readCondition, Appointment: readAppointment, Coverage: readCoverage,
  Observation: readObservation, DiagnosticReport: readReport, ServiceRequest: readRequest,
};

/** Of these others speak, or nobody: they are no news of a patient. */
const SUPPORTING: readonly string[] = [
  'MessageHeader', 'Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Device', 'Medication', 'Substance', 'Endpoint', 'HealthcareService', 'Provenance', 'RelatedPerson',
  'List', 'Specimen', 'OperationOutcome', 'Questionnaire', 'Subscription', 'AuditEvent', 'Account',
];

/** One resource, in our words. A type that says nothing we take is kept in its message and nothing else. */
export const readResource = (entry: Entry, reading: Reading): ResourceRead => {
  const read = entryFor(READERS, entry.type);
  if (read) return read(entry, reading);
  return SUPPORTING.includes(entry.type) ? NOTHING : { ...NOTHING, flags: ['kept-only'] };
};

export const linksOf = (entries: readonly Entry[], resolve: Resolve): Links => {
  const reported = new Set<Entry>();
  const struckOff = new Set<Entry>();
  const conditions = new Map<Entry, Entry[]>();
  for (const entry of entries) {
    const { type, resource } = entry;
    if (type === 'DiagnosticReport') for (const one of parts(resource, 'result')) add(reported, resolve(one, entry)?.entry);
    if (type === 'List') for (const one of parts(resource, 'entry')) if (one['deleted'] === true) add(struckOff, resolve(part(one, 'item'), entry)?.entry);
    const stay = type === 'Condition' ? resolve(part(resource, 'encounter'), entry)?.entry : undefined;
    const known = stay && conditions.get(stay);
    if (known) known.push(entry);
    else if (stay) conditions.set(stay, [entry]);
  }
  return { reported, struckOff, conditions };
};

const add = <T>(set: Set<T>, one: T | undefined): void => {
  if (one !== undefined) set.add(one);
};
