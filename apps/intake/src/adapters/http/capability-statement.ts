/** What is read, beyond being kept. */
const TOLD = [
  'AllergyIntolerance', 'Appointment', 'CarePlan', 'Composition', 'Condition', 'Coverage', 'DiagnosticReport', 'DocumentReference', 'Encounter', 'MedicationAdministration',
  'MedicationDispense', 'MedicationRequest', 'MedicationStatement', 'Observation', 'Patient', 'QuestionnaireResponse', 'ServiceRequest',
] as const;

const NOTIFICATIONS = 'http://hl7.org/fhir/us/davinci-alerts/StructureDefinition';

/** What somebody who speaks FHIR can do here: tell, and nothing else. */
export const capabilityStatement = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-11-22',
  kind: 'instance',
  software: { name: 'Throughline' },
  implementation: { description: 'Takes what hospitals tell: notifications, bundles and single resources. Nothing can be read here.' },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json', 'json'],
  implementationGuide: ['http://hl7.org/fhir/us/davinci-alerts/ImplementationGuide/hl7.fhir.us.davinci-alerts'],
  rest: [
    {
      mode: 'server',
      documentation: 'Reading, searching, patching and deleting are not supported. Every body is kept to the byte; the same again is the same message, and changes nothing.',
      security: { description: 'A bearer token of the OIDC issuer, with the role sender.' },
      resource: TOLD.map((type) => ({ type, interaction: [{ code: 'create' }, { code: 'update' }], versioning: 'no-version', updateCreate: true })),
      interaction: [{ code: 'transaction' }, { code: 'batch' }],
      operation: [{ name: 'process-message', definition: 'http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message' }],
    },
  ],
  messaging: [
    {
      documentation: 'Da Vinci Unsolicited Notifications: POST /fhir/$process-message with the Bundle itself. No response message follows.',
      supportedMessage: [
        { mode: 'receiver', definition: `${NOTIFICATIONS}/admit-notification-messageheader` },
        { mode: 'receiver', definition: `${NOTIFICATIONS}/discharge-notification-messageheader` },
      ],
    },
  ],
};
