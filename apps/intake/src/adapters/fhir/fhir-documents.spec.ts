import { collection, concept, encounter, partIn, partsIn, patient, saidIn, type Resource } from '../../../test/fhir-reading.js';

const SUMMARY = concept('http://loinc.org|18842-5', 'Discharge summary');
const reference = (more: object = {}): Resource => ({
  resourceType: 'DocumentReference', id: 'd1', status: 'current', docStatus: 'final', type: SUMMARY, subject: { reference: 'Patient/p1' }, date: '2026-03-05T15:00:00-05:00',
  context: { encounter: [{ reference: 'Encounter/e1' }] }, content: [{ attachment: { contentType: 'text/plain', data: 'aGVsbG8=' } }], ...more,
});
const composition = (more: object = {}): Resource => ({
  resourceType: 'Composition', id: 'c1', status: 'final', type: SUMMARY, subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' }, date: '2026-03-05T15:00:00-05:00', section: [{ title: 'Course' }], ...more,
});
const documentIn = (resource: object) => partIn('document', resource).document;

describe('a document', () => {
  it('is told with its kind, its time and its stay', () => {
    const whole = partsIn({ resourceType: 'Bundle', type: 'document', timestamp: '2026-03-05T20:05:00Z', identifier: { value: 'doc-1' }, entry: [composition(), encounter(), patient()].map((resource) => ({ resource })) });
    expect(whole.map(({ what, at, controlId }) => [what, at, controlId])).toEqual([['discharge', '2026-03-05T20:05:00.000Z', 'doc-1'], ['document', '2026-03-05T20:05:00.000Z', 'doc-1']]);
    expect(whole[1]).toMatchObject({
      stay: { visit: { value: 'V700001' } },
      document: { number: 'Composition/c1', kind: { code: '18842-5', system: 'http://loinc.org', display: 'Discharge summary' }, completion: 'final', writtenAt: '2026-03-05T20:00:00.000Z', withContent: true, withdrawn: false },
    });
    expect(documentIn(reference())).toMatchObject({ number: 'DocumentReference/d1', kind: { code: '18842-5' }, withContent: true, withdrawn: false });
  });

  it('is of the kind that LOINC knows, whatever code a source has of its own', () => {
    const type = { coding: [{ system: 'http://example.org/kinds', code: 'EPI' }, { system: 'http://loinc.org', code: '18842-5' }], text: 'Epikrise' };
    expect(documentIn(reference({ type })).kind).toEqual({ code: '18842-5', system: 'http://loinc.org', display: 'Epikrise' });
    expect(documentIn(reference({ type: { text: 'Letter' } })).kind).toEqual({ display: 'Letter' });
  });

  it.each([
    [{ content: [] }, { withContent: false }], [{ content: [{ attachment: { url: 'Binary/1' } }] }, { withContent: true }],
    [{ status: 'superseded' }, { withdrawn: true }], [{ status: 'entered-in-error' }, { withdrawn: true }], [{ docStatus: 'entered-in-error' }, { withdrawn: true }],
    [{ docStatus: 'preliminary' }, { completion: 'IP', withdrawn: false }],
  ])('with %j is told so', (more, wanted) => expect(documentIn(reference(more))).toMatchObject(wanted));

  it('has a number that is its own: its place, else what it is called, else its name in the message', () => {
    const named = (fullUrl: string, more: object) => documentIn({ resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl, resource: reference({ id: undefined, ...more }) }] }).number;
    expect(named('urn:uuid:7', { masterIdentifier: { system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.3' }, identifier: [{ value: 'X' }] })).toBe('urn:ietf:rfc:3986|urn:oid:1.2.3');
    expect(named('urn:uuid:7', {})).toBe('urn:uuid:7');
    expect(named('', {})).toBeUndefined();
  });

  it('about nobody says nothing', () => {
    expect(saidIn(reference({ subject: undefined })).flags).toEqual(['without-patient', 'nothing-taken']);
    expect(saidIn(reference({ subject: { reference: 'Device/d' } })).flags).toEqual(['not-about-a-patient', 'nothing-taken']);
  });
});

describe('what else is written about a patient', () => {
  it('is a care plan, by its category and title', () => {
    const plan = { resourceType: 'CarePlan', id: 'cp', status: 'active', intent: 'plan', subject: { reference: 'Patient/p1' }, category: [concept('x|assess-plan'), concept('http://snomed.info/sct|735984001', 'Heart failure plan')], title: 'At home with heart failure', activity: [{}] };
    expect(documentIn(plan)).toEqual({ number: 'CarePlan/cp', kind: { code: '735984001', system: 'http://snomed.info/sct', display: 'At home with heart failure' }, completion: 'active', withContent: true, withdrawn: false });
  });

  it('is an answered questionnaire, by its address', () => {
    const answers = { resourceType: 'QuestionnaireResponse', id: 'q', status: 'completed', questionnaire: 'http://example.org/Questionnaire/phq', subject: { reference: 'Patient/p1' }, authored: '2026-03-05T10:00:00Z', item: [{ linkId: '1' }] };
    expect(documentIn(collection(patient(), answers))).toEqual({ number: 'QuestionnaireResponse/q', kind: { code: 'http://example.org/Questionnaire/phq' }, completion: 'completed', writtenAt: '2026-03-05T10:00:00.000Z', withContent: true, withdrawn: false });
    expect(documentIn({ ...answers, status: 'in-progress' }).completion).toBe('IP');
  });
});
