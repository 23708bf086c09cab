import { concept, partIn, patient, saidIn, type Resource } from '../../../test/fhir-reading.js';

const CARE = concept('http://snomed.info/sct|3457005');
const request = (more: object = {}): Resource => ({
  resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'order', category: [CARE], subject: { reference: 'Patient/p1' },
  code: { text: 'Diabetes programme' }, authoredOn: '2026-03-05T23:30:00-05:00', requester: { reference: 'Practitioner/d1' },
  reasonCode: [concept('http://hl7.org/fhir/sid/icd-10-cm|E11.9', 'Type 2 diabetes, new')], ...more,
});
const bundle = (type: string, ...resources: readonly Resource[]): Resource => ({ resourceType: 'Bundle', type, entry: resources.map((resource) => ({ resource, request: { method: 'POST', url: String(resource['resourceType']) } })) });
const referralIn = (resource: Resource) => partIn('statements', resource).statements[0]!;

describe('a request that the patient be looked after', () => {
  it('says who asks, what for, how soon, and the day it counts from', () => {
    expect(referralIn(request())).toMatchObject({
      kind: 'referral',
      says: {
        by: 'clinician', reason: { code: 'E11.9', text: 'Type 2 diabetes, new' }, programme: 'Diabetes programme', urgency: 'routine',
        referredAt: '2026-03-06T04:30:00.000Z', referredDate: '2026-03-05', zone: 'America/New_York', backdated: false,
      },
    });
    expect(referralIn(request({ priority: 'urgent', requester: { reference: 'Patient/p1' } })).says).toMatchObject({ urgency: 'urgent', by: 'patient' });
    expect(referralIn(request({ requester: undefined })).says).toMatchObject({ by: 'unknown' });
  });

  it('takes its reason from the condition that it refers to', () => {
    const condition: Resource = { resourceType: 'Condition', id: 'c1', subject: { reference: 'Patient/p1' }, code: concept('http://hl7.org/fhir/sid/icd-10-cm|I50.9', 'Heart failure') };
    const asked = partIn('statements', bundle('transaction', patient(), condition, request({ reasonCode: undefined, reasonReference: [{ reference: 'Condition/c1' }] })));
    expect(asked.statements.find(({ kind }) => kind === 'referral')?.says).toMatchObject({ reason: { code: 'I50.9' } });
  });

  it('is taken back by its source', () => {
    expect(referralIn(request({ status: 'revoked' }))).toMatchObject({ kind: 'referral', withdrawn: true });
  });

  it('is taken by itself and in what asks for something, and told of only in what tells a history', () => {
    expect(partIn('statements', bundle('transaction', patient(), request())).statements).toHaveLength(1);
    expect(saidIn(bundle('collection', patient(), request())).flags).toContain('referral-not-taken');
  });

  it('in a bundle has to be called a referral: what else is asked for there may be asked of somebody else', () => {
    const unnamed = request({ category: undefined });
    expect(referralIn(unnamed).kind).toBe('referral');
    expect(saidIn(bundle('transaction', patient(), unnamed)).flags).toContain('referral-not-taken');
  });
});
