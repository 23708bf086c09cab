import { randomUUID } from 'node:crypto';

/** Somebody made up, as a hospital would tell of them. */
export const patientOf = (number: string, more: object = {}) => ({
  resourceType: 'Patient', id: `p-${number}`,
  identifier: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] }, system: 'http://hospital.example.org/mrn', value: number }],
  name: [{ family: 'Restperson', given: ['Kim'] }], gender: 'female', birthDate: '1951-04-07', ...more,
});

export const encounterOf = (number: string, more: object = {}) => ({
  resourceType: 'Encounter', id: `e-${number}`, status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
  identifier: [{ system: 'http://hospital.example.org/visits', value: `V${number}` }],
  subject: { reference: `Patient/p-${number}` },
  period: { start: '2026-03-02T08:15:00-05:00', end: '2026-03-05T11:20:00-05:00' },
  hospitalization: { dischargeDisposition: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/discharge-disposition', code: 'home' }] } },
  serviceProvider: { reference: 'Organization/north' },
  ...more,
});

const north = { resourceType: 'Organization', id: 'north', active: true, name: 'North Shore', identifier: [{ system: 'http://hospital.example.org/facilities', value: 'NORTHSHORE' }] };

const entryOf = (resource: { readonly resourceType: string; readonly id: string }) => ({ fullUrl: `http://hospital.example.org/fhir/${resource.resourceType}/${resource.id}`, resource });

/** A notification as Da Vinci writes it; `event` is the code behind `notification-`. */
export const notificationOf = (number: string, event: 'admit' | 'discharge', more: { readonly encounter?: object; readonly at?: string; readonly id?: string } = {}) => {
  const encounter = encounterOf(number, more.encounter);
  const header = {
    resourceType: 'MessageHeader', id: randomUUID(),
    eventCoding: { system: 'http://hl7.org/fhir/us/davinci-alerts/CodeSystem/notification-event', code: `notification-${event}` },
    source: { name: 'North Shore EHR', endpoint: 'http://hospital.example.org/fhir' },
    sender: { reference: 'http://hospital.example.org/fhir/Organization/north' },
    focus: [{ reference: `http://hospital.example.org/fhir/Encounter/${encounter.id}` }],
  };
  return { resourceType: 'Bundle', id: more.id ?? randomUUID(), type: 'message', timestamp: more.at ?? '2026-03-05T11:25:00-05:00', entry: [header, encounter, patientOf(number), north].map(entryOf) };
};

export const medicineOf = (number: string, more: object = {}) => ({
  resourceType: 'MedicationRequest', id: `rx-${number}`, status: 'active', intent: 'order',
  medicationCodeableConcept: { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '314076' }], text: 'lisinopril 10 mg tablet' },
  subject: { reference: `Patient/p-${number}` }, encounter: { reference: `Encounter/e-${number}` }, authoredOn: '2026-03-05T10:00:00-05:00',
  dosageInstruction: [{ text: 'one a day' }], ...more,
});

export const transactionOf = (...resources: readonly { readonly resourceType: string; readonly id: string }[]) => ({
  resourceType: 'Bundle', type: 'transaction',
  entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${randomUUID()}`, resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })),
});
