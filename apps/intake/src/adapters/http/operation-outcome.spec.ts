import { created, bundled } from './fhir-answers.js';
import { ofProblem, ofReasons, taken } from './operation-outcome.js';

const receipt = { inboundId: '5f0c7f5e-0000-5000-8000-000000000001', answer: 'AA' as const, repeat: false };

describe('an OperationOutcome', () => {
  it('has an issue for each reason, by its place', () => {
    expect(ofReasons([{ code: 103, where: 'Encounter.status', text: 'This code is not known' }, { code: 200, text: 'Nothing of this is read' }])).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        { severity: 'error', code: 'code-invalid', diagnostics: 'This code is not known', expression: ['Encounter.status'] },
        { severity: 'error', code: 'not-supported', diagnostics: 'Nothing of this is read' },
      ],
    });
  });

  it.each([
    [401, 'login', 'Send a token.'],
    [403, 'forbidden', 'Send a token.'],
    [404, 'not-found', 'There is nothing at this address. GET /fhir/metadata says what there is.'],
    [405, 'not-supported', 'Send a token.'],
    [418, 'processing', 'Send a token.'],
    [500, 'exception', 'Something went wrong here. It is in the log under the x-correlation-id of this answer; sending the same again is safe.'],
    [503, 'transient', 'Send a token.'],
    [504, 'exception', 'Send a token.'],
  ])('says a refusal in its own words: %i', (status, code, diagnostics) => {
    expect(ofProblem({ status, detail: 'Send a token.' }).issue).toEqual([{ severity: 'error', code, diagnostics }]);
  });

  it('names the message that was taken', () => {
    expect(taken('m-1', false).issue).toEqual([{ severity: 'information', code: 'informational', diagnostics: 'Message m-1 is taken' }]);
    expect(taken('m-1', true).issue[0]!.diagnostics).toBe('Message m-1 is known: it was taken before');
  });
});

describe('what was taken', () => {
  it('keeps the sender’s id, or goes by the message’s', () => {
    expect(created({ resourceType: 'Patient', id: 'p' }, receipt)).toEqual({ status: 201, body: { resourceType: 'Patient', id: 'p' }, location: '/fhir/Patient/p' });
    expect(created({ resourceType: 'Patient' }, receipt)).toMatchObject({ body: { id: receipt.inboundId }, location: `/fhir/Patient/${receipt.inboundId}` });
  });

  it('is answered entry by entry where it came so, and never more claimed than done', () => {
    const entry = [
      { resource: { resourceType: 'Patient', id: 'p' }, request: { method: 'PUT', url: 'Patient/p' } },
      { resource: { resourceType: 'Observation' }, request: { method: 'POST', url: 'Observation' } },
      { request: { method: 'DELETE', url: 'Patient/q' } },
    ];
    expect(bundled({ resourceType: 'Bundle', type: 'batch', entry }, receipt).body).toMatchObject({
      type: 'batch-response',
      entry: [{ response: { status: '200 OK', location: 'Patient/p' } }, { response: { status: '201 Created' } }, { response: { status: '405 Method Not Allowed', outcome: { issue: [{ code: 'not-supported' }] } } }],
    });
    expect(bundled({ resourceType: 'Bundle', type: 'collection', entry }, receipt).body).toEqual(taken(receipt.inboundId, false));
  });
});
