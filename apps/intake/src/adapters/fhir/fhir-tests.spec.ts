import type { StatementSaid } from '../../domain/statement.js';
import { collection, concept, partIn, partsIn, patient, saidIn, type Resource } from '../../../test/fhir-reading.js';

const statementsIn = (resource: object): readonly StatementSaid[] => partIn('statements', resource).statements;
const one = (resource: object): StatementSaid => statementsIn(resource)[0]!;

const category = (code: string): Resource => concept(`http://terminology.hl7.org/CodeSystem/observation-category|${code}`);
const observation = (id: string, loinc: string, value: number, unit: string, more: object = {}): Resource => ({
  resourceType: 'Observation', id, status: 'final', category: [category('laboratory')], code: concept(`http://loinc.org|${loinc}`), subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-03-05T06:00:00-05:00', issued: '2026-03-05T08:00:00-05:00', valueQuantity: { value, unit }, ...more,
});
const flagged = (code: string): Resource => ({ interpretation: [concept(`http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation|${code}`)] });
const report = (more: object = {}): Resource => ({
  resourceType: 'DiagnosticReport', id: 'r1', status: 'final', code: concept('http://loinc.org|24323-8', 'Metabolic panel'), subject: { reference: 'Patient/p1' }, effectiveDateTime: '2026-03-05T06:00:00-05:00', ...more,
});
const request = (more: object = {}): Resource => ({
  resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'order', category: [concept('http://snomed.info/sct|108252007')], code: concept('http://loinc.org|24323-8', 'Metabolic panel'),
  subject: { reference: 'Patient/p1' }, authoredOn: '2026-03-04T09:00:00-05:00', occurrenceDateTime: '2026-03-05', ...more,
});

describe('a DiagnosticReport', () => {
  it('is one result, with the values that rules look at and the gravest flag; its observations are not told again', () => {
    const whole = collection(
      patient(), request({ identifier: [{ system: 'urn:oid:9', value: 'L-1' }] }),
      report({ basedOn: [{ reference: 'ServiceRequest/s1' }], result: ['o1', 'o2', 'o3'].map((id) => ({ reference: `Observation/${id}` })) }),
      observation('o1', '2823-3', 6.1, 'mmol/L', flagged('HH')), observation('o2', '2951-2', 140, 'mmol/L', flagged('N')), observation('o3', '2075-0', 99, 'mmol/L', flagged('L')),
    );
    expect(statementsIn(whole).map(({ kind }) => kind)).toEqual(['test-order', 'test-result']);
    expect(statementsIn(whole)[1]).toEqual({
      kind: 'test-result', number: 'DiagnosticReport/r1',
      says: {
        code: { code: '24323-8', system: 'http://loinc.org', text: 'Metabolic panel' }, status: 'final', orders: ['ServiceRequest/s1', 'urn:oid:9|L-1'], observedAt: '2026-03-05T11:00:00.000Z', abnormal: 'HH',
        values: [{ analyte: 'potassium', value: '6.1', unit: 'mmol/L', abnormal: 'HH' }, { analyte: 'sodium', value: '140', unit: 'mmol/L', abnormal: 'N' }],
      },
    });
  });

  it('holds its observations inside, too', () => {
    const { resourceType, ...inside } = observation('i1', '718-7', 9.4, 'g/dL', flagged('L'));
    expect(one(report({ contained: [{ resourceType, ...inside }], result: [{ reference: '#i1' }] })).says).toMatchObject({ abnormal: 'L', values: [{ analyte: 'haemoglobin', value: '9.4', unit: 'g/dL' }] });
  });

  it.each([['partial', 'preliminary'], ['amended', 'corrected'], ['appended', 'corrected'], ['registered', 'registered'], ['unknown', 'unknown']])('that is %s is %s', (status, wanted) => expect(one(report({ status })).says).toMatchObject({ status: wanted }));

  it('is taken back where it was an error; a note that is sent as one is no result', () => {
    expect(one(report({ status: 'entered-in-error' }))).toMatchObject({ withdrawn: true, says: { status: 'cancelled' } });
    expect(saidIn(report({ category: [concept('http://loinc.org|34117-2')] })).flags).toEqual(['kept-only', 'nothing-taken']);
  });

  it('of nobody says nothing', () => {
    expect(saidIn(report({ subject: undefined })).flags).toEqual(['without-patient', 'nothing-taken']);
  });
});

describe('an Observation', () => {
  it('of a laboratory is a result by itself, as is one that is measured for rules', () => {
    expect(one(observation('o1', '2075-0', 99, 'mmol/L')).says).toEqual({ code: { code: '2075-0', system: 'http://loinc.org' }, status: 'final', observedAt: '2026-03-05T11:00:00.000Z', reportedAt: '2026-03-05T13:00:00.000Z' });
    expect(one(observation('o1', '6301-6', 4.8, '{INR}', { category: undefined })).says).toMatchObject({ values: [{ analyte: 'inr', value: '4.8', unit: '{INR}' }] });
  });

  it('has its value as written: bounds, texts and components', () => {
    const values = (more: object) => (one(observation('o1', '62238-1', 0, '', { valueQuantity: undefined, ...more })).says as { values?: unknown }).values;
    expect(values({ valueQuantity: { value: 90, comparator: '>', unit: 'mL/min' } })).toEqual([{ analyte: 'egfr', value: '>90', unit: 'mL/min' }]);
    expect(values({ valueString: '>60' })).toEqual([{ analyte: 'egfr', value: '>60' }]);
    expect(values({ component: [{ code: concept('http://loinc.org|2160-0'), valueQuantity: { value: 1.2, unit: 'mg/dL' } }] })).toEqual([{ analyte: 'creatinine', value: '1.2', unit: 'mg/dL' }]);
    expect(values({})).toBeUndefined();
  });

  it.each(['vital-signs', 'social-history', 'survey'])('of the category %s stays in its message', (code) =>
    expect(saidIn(observation('o1', '8867-4', 80, '/min', { category: [category(code)] }))).toMatchObject({ what: 'bundle', parts: [], flags: ['kept-only', 'nothing-taken'] }));

  it('of the same number or none is told apart in its message', () => {
    const [a, b] = [observation('o1', '2951-2', 140, ''), observation('o2', '2823-3', 4, '')].map((resource) => ({ resource: { ...resource, id: undefined } }));
    expect(statementsIn({ resourceType: 'Bundle', type: 'collection', entry: [a, b] }).map(({ number, place }) => [number, place])).toEqual([[undefined, undefined], [undefined, 2]]);
  });
});

describe('a ServiceRequest', () => {
  it('for a test is an order', () => {
    expect(one(request())).toEqual({
      kind: 'test-order', number: 'ServiceRequest/s1',
      says: { code: { code: '24323-8', system: 'http://loinc.org', text: 'Metabolic panel' }, status: 'ordered', orderedAt: '2026-03-04T14:00:00.000Z', wantedAt: '2026-03-05T17:00:00.000Z' },
    });
    expect([{ category: undefined }, { status: 'revoked' }, { status: 'completed' }].map((more) => (one(request(more)).says as { status: string }).status)).toEqual(['ordered', 'cancelled', 'completed']);
    expect(one(request({ status: 'entered-in-error' }))).toMatchObject({ withdrawn: true });
  });

  it.each([
    [{ category: [concept('http://snomed.info/sct|387713003')] }, 'kept-only'], [{ doNotPerform: true }, 'do-not-perform'], [{ intent: 'proposal' }, 'only-proposed'], [{ status: 'draft' }, 'only-a-draft'],
  ])('with %j orders no test', (more, flag) => expect(saidIn(request(more)).flags).toEqual([flag, 'nothing-taken']));

  it('outside is named by what the result says of it', () => {
    const orders = (basedOn: object) => (one(report({ basedOn: [basedOn] })).says as { orders?: readonly string[] }).orders;
    expect(orders({ reference: 'ServiceRequest/s9' })).toEqual(['ServiceRequest/s9']);
    expect(orders({ identifier: { system: 'urn:oid:9', value: 'L-9' } })).toEqual(['urn:oid:9|L-9']);
    expect(orders({ display: 'An order' })).toBeUndefined();
  });
});

it('results of one person at several moments are parts of their own, each with its time', () => {
  const changed = (id: string, lastUpdated: string): Resource => ({ ...observation(id, '2951-2', 140, ''), meta: { lastUpdated } });
  expect(partsIn(collection(patient(), changed('a', '2026-03-05T10:00:00Z'), changed('b', '2026-03-04T10:00:00Z'), changed('c', '2026-03-05T10:00:00Z'))).map((part) => [part.at, part.atSource, part.what === 'statements' && part.statements.length])).toEqual([
    ['2026-03-05T10:00:00.000Z', 'lastUpdated', 2], ['2026-03-04T10:00:00.000Z', 'lastUpdated', 1],
  ]);
});
