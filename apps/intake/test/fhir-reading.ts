import { translateFhir, type FhirContext, type FhirTranslation } from '../src/adapters/fhir/translate-fhir.js';
import type { Said, SaidOnce } from '../src/domain/said.js';

/** A made-up hospital's settings: it sends HL7 v2 too, where its numbers are NSH's. */
export const CONTEXT: FhirContext = {
  receivedAt: '2026-03-06T00:00:00.000Z',
  defaultZone: 'America/New_York',
  senders: { ehr: { authority: 'NSH', authorities: { 'urn:oid:1.2.3.4': 'NSH', 'https://ehr.example.org/fhir': 'fhir:ehr' } }, 'North Shore EHR': { zone: 'America/Chicago' } },
  caller: 'ehr',
};

export const read = (resource: unknown, context: Partial<FhirContext> = {}): FhirTranslation => translateFhir(resource, { ...CONTEXT, ...context });

export const saidIn = (resource: unknown, context: Partial<FhirContext> = {}): Said => {
  const found = read(resource, context);
  if (found.kind !== 'readable') throw new Error(JSON.stringify(found.reasons));
  return found.said;
};

export const partsIn = (resource: unknown, context: Partial<FhirContext> = {}): readonly SaidOnce[] => {
  const said = saidIn(resource, context);
  return said.what === 'bundle' ? said.parts : [said];
};

/** As it comes in JSON. */
export type Resource = Readonly<Record<string, unknown>>;

/** The one part of this kind. */
export const partIn = <W extends SaidOnce['what']>(what: W, resource: unknown, context: Partial<FhirContext> = {}): Extract<SaidOnce, { what: W }> => {
  const found = partsIn(resource, context).filter((one) => one.what === what);
  if (found.length !== 1) throw new Error(`${found.length} of ${what} in ${JSON.stringify(partsIn(resource, context))}`);
  return found[0] as Extract<SaidOnce, { what: W }>;
};

export const reasonsIn = (resource: unknown): readonly string[] => {
  const found = read(resource);
  return found.kind === 'unreadable' ? found.reasons.map(({ code, where }) => `${code} ${where ?? ''}`.trim()) : [found.kind];
};

/** `concept('http://loinc.org|2951-2', 'Sodium')` */
export const concept = (token: string, text?: string): Resource => {
  const [system, code] = token.split('|');
  return { coding: [{ system, code }], ...(text === undefined ? {} : { text }) };
};

const MR = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] };

export const patient = (more: object = {}): Resource => ({
  resourceType: 'Patient', id: 'p1', identifier: [{ type: MR, system: 'urn:oid:1.2.3.4', value: '700001' }],
  name: [{ family: 'Testperson', given: ['Avery', 'Q'] }], gender: 'female', birthDate: '1951-04-07', ...more,
});

export const encounter = (more: object = {}): Resource => ({
  resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'IMP' }, subject: { reference: 'Patient/p1' },
  identifier: [{ system: 'urn:oid:1.2.3.4', value: 'V700001' }], period: { start: '2026-03-02T08:15:00-05:00', end: '2026-03-05T11:20:00-05:00' }, ...more,
});

export const medicationRequest = (more: object = {}): Resource => ({
  resourceType: 'MedicationRequest', id: 'm1', status: 'active', intent: 'order', subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' },
  medicationCodeableConcept: concept('http://www.nlm.nih.gov/research/umls/rxnorm|860975', 'testformin 500 mg tablet'), ...more,
});

/** Entries as a server writes them, by their place on it. */
export const collection = (...resources: readonly Resource[]): Resource => ({
  resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ fullUrl: `https://ehr.example.org/fhir/${String(resource['resourceType'])}/${String(resource['id'])}`, resource })),
});

/** A notification as Da Vinci has it; its entries are called `urn:uuid:0`, `urn:uuid:1`, ..., the first resource 1. */
export const message = (code: string, ...resources: readonly object[]): Resource => ({
  resourceType: 'Bundle', id: 'b1', type: 'message', timestamp: '2026-03-05T17:00:00Z',
  entry: [
    { resourceType: 'MessageHeader', id: 'h1', eventCoding: { code }, source: { name: 'North Shore EHR', endpoint: 'https://ehr.example.org' }, focus: [{ reference: 'urn:uuid:1' }] },
    ...resources,
  ].map((resource, n) => ({ fullUrl: `urn:uuid:${n}`, resource })),
});
