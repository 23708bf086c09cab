import type { PrescriptionSaid } from '../../domain/said.js';
import { collection, concept, encounter, medicationRequest, partIn, partsIn, patient, reasonsIn, saidIn, type Resource } from '../../../test/fhir-reading.js';

const lineIn = (resource: object): PrescriptionSaid => partIn('prescription', resource).prescription;
const dosed = (...dosageInstruction: object[]): PrescriptionSaid => lineIn(medicationRequest({ dosageInstruction }));
const timed = (repeat: object, more: object = {}) => dosed({ timing: { repeat, ...more } }).timing;
const statement = (more: object = {}): Resource => ({ ...medicationRequest(), resourceType: 'MedicationStatement', intent: undefined, ...more });
const dispense = (more: object = {}): Resource => ({ ...medicationRequest(), resourceType: 'MedicationDispense', intent: undefined, status: 'completed', context: { reference: 'Encounter/e1' }, ...more });
const given = (more: object = {}): Resource => ({ ...medicationRequest(), resourceType: 'MedicationAdministration', intent: undefined, status: 'completed', ...more });

describe('a MedicationRequest', () => {
  it('is a line with medicine, dose, route, directions and timing, and with the stay', () => {
    const whole = collection(patient(), encounter(), medicationRequest({
      authoredOn: '2026-03-05T11:30:00-05:00',
      dosageInstruction: [
        {
          text: 'Take 1 to 2 tablets twice a day', route: concept('http://snomed.info/sct|26643006', 'Oral'), doseAndRate: [{ doseRange: { low: { value: 1, unit: 'tablet' }, high: { value: 2 } } }],
          timing: { code: concept('http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation|BID'), repeat: { boundsPeriod: { start: '2026-03-05T18:00:00-05:00', end: '2026-03-12T18:00:00-05:00' } } },
        },
        { text: 'Not at night' },
      ],
    }));
    expect(partIn('prescription', whole)).toMatchObject({ stay: { visit: { authority: 'NSH', value: 'V700001' } }, patient: { identifiers: [{ value: '700001' }, { value: 'p1' }] } });
    expect(lineIn(whole)).toEqual({
      orderId: 'MedicationRequest/m1', basis: 'ordered', prescribedAt: '2026-03-05T16:30:00.000Z',
      medicine: { text: 'testformin 500 mg tablet', code: '860975', system: 'http://www.nlm.nih.gov/research/umls/rxnorm' },
      dose: { value: '1-2', unit: 'tablet' }, route: 'Oral', directions: 'Take 1 to 2 tablets twice a day; Not at night',
      timing: { code: 'BID', startsAt: '2026-03-05T23:00:00.000Z', endsAt: '2026-03-12T23:00:00.000Z' },
    });
  });

  it('says nothing where a field is empty', () => {
    expect(lineIn(medicationRequest({ id: undefined, medicationCodeableConcept: { text: 'testsartan' }, dosageInstruction: [{}] }))).toEqual({ medicine: { text: 'testsartan' }, basis: 'ordered' });
  });

  it('names its medicine by code, text, the Medication it refers to, or the words of the reference', () => {
    const medicine = (more: object, ...others: Resource[]) => lineIn(collection(patient(), medicationRequest({ medicationCodeableConcept: undefined, ...more }), ...others)).medicine;
    const refers = { medicationReference: { reference: 'Medication/x' } };
    expect(medicine({ medicationCodeableConcept: { coding: [{ system: 'urn:oid:1.2', code: '7' }, { system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '29046', display: 'testinopril' }] } })).toEqual({
      text: 'testinopril', display: 'testinopril', code: '29046', system: 'http://www.nlm.nih.gov/research/umls/rxnorm',
    });
    expect(medicine({ medicationCodeableConcept: { coding: [{ code: '7' }] } })).toEqual({ text: '7', code: '7' });
    expect(medicine(refers, { resourceType: 'Medication', id: 'x', code: { text: 'testipine' } })).toEqual({ text: 'testipine' });
    expect(medicine({ contained: [{ resourceType: 'Medication', id: 'm', ingredient: [{ itemCodeableConcept: { text: 'testine' } }, { itemReference: { display: 'caffeine' } }] }], medicationReference: { reference: '#m' } })).toEqual({ text: 'testine / caffeine' });
    expect(medicine({ medicationReference: { reference: 'Medication/404', display: 'testolol' } })).toEqual({ text: 'testolol' });
  });

  it('is refused where nothing names a medicine, with its whole bundle', () => {
    expect(reasonsIn(medicationRequest({ medicationCodeableConcept: {} }))).toEqual(['101 MedicationRequest.medication']);
    expect(reasonsIn(collection(patient(), encounter(), medicationRequest({ medicationCodeableConcept: undefined, medicationReference: { reference: 'Medication/404' } })))).toEqual(['101 Bundle.entry[2].resource.medication']);
  });

  it.each([['active', undefined], ['stopped', 'stopped'], ['cancelled', 'cancelled'], ['on-hold', 'on-hold'], ['completed', 'completed'], ['entered-in-error', 'cancelled'], ['unknown', undefined]])('that is %s has the status %s', (status, wanted) =>
    expect(lineIn(medicationRequest({ status })).status).toBe(wanted));

  it.each([
    [{ doNotPerform: true }, 'do-not-perform'], [{ intent: 'proposal' }, 'only-proposed'], [{ intent: 'option' }, 'only-proposed'], [{ status: 'draft' }, 'only-a-draft'],
  ])('with %j is no prescription', (more, flag) => expect(saidIn(medicationRequest(more))).toMatchObject({ what: 'bundle', parts: [], patient: { identifiers: [] }, flags: [flag, 'nothing-taken'] }));

  it('tells what somebody ordered from what is reported or planned', () => {
    expect([{}, { intent: 'filler-order' }, { intent: 'plan' }, { reportedBoolean: true }, { reportedReference: { display: 'Her daughter' } }].map((more) => lineIn(medicationRequest(more)).basis)).toEqual(['ordered', 'ordered', undefined, undefined, undefined]);
  });

  it('is named by where its server keeps it before a number that it may share with others', () => {
    const shared = { identifier: [{ system: 'urn:oid:9', value: 'RX-1' }] };
    const orderIn = (fullUrl: string, more: object) => lineIn({ resourceType: 'Bundle', type: 'message', timestamp: '2026-03-05T17:00:00Z', entry: [{ resource: { resourceType: 'MessageHeader' } }, { fullUrl, resource: medicationRequest(more) }] }).orderId;
    expect(orderIn('https://ehr.example.org/fhir/MedicationRequest/m1', shared)).toBe('MedicationRequest/m1');
    expect(orderIn('https://other.example.org/r4/MedicationRequest/m1', shared)).toBe('https://other.example.org/r4/MedicationRequest/m1');
    expect(orderIn('urn:uuid:7', shared)).toBe('urn:oid:9|RX-1');
    expect(orderIn('urn:uuid:7', {})).toBeUndefined();
    expect(orderIn('urn:uuid:7', { id: '0b4c5d6e-1111-4222-8333-123456789abc' })).toBe('MedicationRequest/0b4c5d6e-1111-4222-8333-123456789abc');
  });
});

describe('how it is taken', () => {
  it.each([
    [{ frequency: 1, period: 8, periodUnit: 'h' }, 'every 8 h'], [{ frequency: 1, period: 1, periodUnit: 'd' }, 'every day'], [{ frequency: 2, period: 1, periodUnit: 'd' }, '2 times per day'],
    [{ frequency: 1, frequencyMax: 2, period: 3, periodUnit: 'd' }, '1-2 times every 3 days'], [{ period: 4, periodMax: 6, periodUnit: 'h' }, 'every 4-6 h'], [{ frequency: 1, period: 2, periodUnit: 'wk' }, 'every 2 weeks'],
    [{ timeOfDay: ['08:00:00', '20:00:00'], dayOfWeek: ['mon', 'thu'] }, 'mon, thu, 08:00, 20:00'], [{ when: ['HS', 'XYZ'] }, 'at bedtime, XYZ'],
  ])('is told in words: %j', (repeat, words) => expect(timed(repeat)).toEqual({ text: words }));

  it('has a code only where the source gives one, and how long', () => {
    expect(timed({ frequency: 4, period: 1, periodUnit: 'd', boundsDuration: { value: 10, unit: 'days' } }, { code: concept('x|QID', 'Four times a day') })).toEqual({ code: 'QID', text: 'Four times a day', duration: '10 days' });
    expect(timed({ bounds: 1 })).toBeUndefined();
  });

  it('says when it is only taken as needed', () => {
    expect(dosed({ asNeededBoolean: true }).timing).toEqual({ text: 'as needed' });
    expect(dosed({ asNeededCodeableConcept: { text: 'pain' }, timing: { repeat: { frequency: 1, period: 6, periodUnit: 'h' } } }).timing).toEqual({ text: 'every 6 h, as needed: pain' });
  });

  it('has the dose as written; a rate is none', () => {
    expect(dosed({ doseAndRate: [{ doseQuantity: { value: 0.5, code: 'mg' } }] }).dose).toEqual({ value: '0.5', unit: 'mg' });
    expect([{ low: { value: 1, unit: 'mg' } }, { high: { value: 1, unit: 'mg' } }, { low: { value: 1 }, high: { value: 1, unit: 'mg' } }].map((doseRange) => dosed({ doseAndRate: [{ doseRange }] }).dose?.value)).toEqual(['1', '1', '1']);
    expect(dosed({ doseAndRate: [{ rateQuantity: { value: 5, unit: 'mL/h' } }] })).not.toHaveProperty('dose');
    expect(lineIn(given({ dosage: { dose: { value: 10, unit: 'mg' }, text: 'once' } }))).toMatchObject({ dose: { value: '10', unit: 'mg' }, directions: 'once' });
  });

  it('has the patient’s instruction where there are no directions in one text', () => {
    expect(dosed({ patientInstruction: 'With food', additionalInstruction: [concept('x|1', 'Not with alcohol')] }).directions).toBe('With food; Not with alcohol');
  });
});

describe('other tellings of a medicine', () => {
  it('are told from orders, and end when they say so', () => {
    expect([dispense(), dispense({ status: 'cancelled' }), given(), statement(), statement({ status: 'completed' }), statement({ status: 'not-taken' })].map(lineIn).map(({ basis, status }) => [basis, status])).toEqual([
      ['dispensed', undefined], ['dispensed', 'cancelled'], ['administered', undefined], [undefined, undefined], [undefined, 'completed'], [undefined, 'stopped'],
    ]);
    expect(lineIn(dispense({ whenHandedOver: '2026-03-05T12:00:00Z' })).prescribedAt).toBe('2026-03-05T12:00:00.000Z');
    expect(lineIn(statement({ effectivePeriod: { start: '2026-03-01T12:00:00Z' }, dateAsserted: '2026-03-05' })).prescribedAt).toBe('2026-03-01T12:00:00.000Z');
    expect(saidIn(given({ status: 'not-done' })).flags).toEqual(['not-done', 'nothing-taken']);
  });

  it('of one person and stay are one part; lines that share a number are told apart', () => {
    const parts = partsIn(collection(patient(), encounter(), medicationRequest(), medicationRequest({ id: 'm2' }), dispense({ id: 'd1' }), medicationRequest({ id: 'm3', encounter: undefined })));
    expect(parts.flatMap((one) => (one.what === 'prescription' ? [[one.stay?.visit?.value, one.prescription.orderId, (one.more ?? []).map(({ orderId }) => orderId)]] : []))).toEqual([
      ['V700001', 'MedicationRequest/m1', ['MedicationRequest/m2', 'MedicationDispense/d1']], [undefined, 'MedicationRequest/m3', []],
    ]);
    const shared = { id: undefined, identifier: [{ value: 'RX-1' }] };
    const unnamed = { resourceType: 'Bundle', type: 'collection', entry: [shared, shared, { id: undefined }, { id: undefined }].map((more) => ({ resource: medicationRequest(more) })) };
    const { prescription, more = [] } = partIn('prescription', unnamed);
    expect([prescription, ...more].map(({ orderId, place }) => [orderId, place])).toEqual([['RX-1', undefined], ['RX-1', 2], [undefined, undefined], [undefined, 2]]);
  });

  it('that a list of the message strikes off are stopped', () => {
    const list = { resourceType: 'List', id: 'l', entry: [{ item: { reference: 'MedicationStatement/m1' }, deleted: true }, { item: { reference: 'MedicationStatement/m2' } }] };
    const { prescription, more } = partIn('prescription', collection(patient(), list, statement(), statement({ id: 'm2' })));
    expect([prescription.status, more![0]!.status]).toEqual(['stopped', undefined]);
  });

  it('name a stay that the message does not hold by where it is kept', () => {
    expect(partIn('prescription', medicationRequest()).stay).toEqual({ account: { authority: 'fhir:ehr', value: 'e1' } });
    expect(partIn('prescription', medicationRequest({ encounter: { identifier: { system: 'urn:oid:1.2.3.4', value: 'V700001' } } })).stay).toEqual({ visit: { authority: 'NSH', value: 'V700001' } });
  });
});
