import fc from 'fast-check';
import { collection, CONTEXT, concept, encounter, medicationRequest, message, partsIn, patient, read, reasonsIn, saidIn, type Resource } from '../../../test/fhir-reading.js';

const bundle = (type: string, ...entry: readonly object[]): Resource => ({ resourceType: 'Bundle', type, entry });
const order = { resourceType: 'ServiceRequest', id: 's1', status: 'active', intent: 'order', code: concept('http://loinc.org|24323-8'), subject: { reference: 'Patient/p1' } };
const condition = { resourceType: 'Condition', id: 'c1', code: { text: 'Asthma' }, subject: { reference: 'Patient/p1' }, encounter: { reference: 'Encounter/e1' } };
const letter = { resourceType: 'DocumentReference', id: 'd1', status: 'current', subject: { reference: 'Patient/p1' }, content: [] };

describe('the header of a FHIR message', () => {
  const header = (resource: object) => read(resource).header;

  it('names the kind of message, its number and who sent it', () => {
    expect(header(message('notification-discharge', encounter(), patient()))).toEqual({ sender: 'North Shore EHR', controlId: 'b1', trigger: 'Bundle/message/notification-discharge' });
    expect(header({ ...bundle('transaction'), id: 'b2', identifier: { value: 'N-1' } })).toEqual({ sender: 'ehr', controlId: 'N-1', trigger: 'Bundle/transaction' });
    expect(header(encounter())).toEqual({ sender: 'ehr', controlId: 'Encounter/e1', trigger: 'Encounter' });
    expect(header(encounter({ meta: { versionId: '3' } })).controlId).toBe('Encounter/e1/_history/3');
    expect(header(encounter({ id: undefined })).controlId).toBe('');
  });

  it('names the caller where the message’s source is not known', () => {
    expect(read(message('notification-admit', encounter()), { senders: {} }).header.sender).toBe('ehr');
    expect(read(message('notification-admit', encounter()), { senders: { 'https://ehr.example.org': {} } }).header.sender).toBe('https://ehr.example.org');
  });

  it('holds nothing but codes, and no more than has room', () => {
    expect(header({ resourceType: 'Avery Testperson', id: 'x'.repeat(500) })).toMatchObject({ trigger: '?', controlId: expect.stringMatching(/^.{199}$/) });
  });
});

describe('a bundle', () => {
  it('is all that its resources say, in the order in which it is taken', () => {
    const replaced = patient({ id: 'p2', identifier: [{ value: '700002' }], link: [{ other: { reference: 'Patient/p1' }, type: 'replaced-by' }] });
    const whole = collection(letter, condition, order, medicationRequest(), encounter(), replaced, patient(), patient({ id: 'p3', identifier: [{ value: '700003' }] }));
    const said = saidIn(whole);
    expect(said).toMatchObject({ what: 'bundle', patient: { identifiers: [{ value: '700001' }, { value: 'p1' }] } });
    expect(partsIn(whole).map(({ what }) => what)).toEqual(['merge', 'discharge', 'prescription', 'document', 'statements', 'update']);
    for (const part of partsIn(whole).slice(0, -1)) expect(part.patient.identifiers[0]!.value).toBe('700001');
  });

  it('that says one thing is that thing', () => {
    expect(saidIn(bundle('transaction', { fullUrl: 'urn:uuid:1', resource: patient(), request: { method: 'POST', url: 'Patient' } })).what).toBe('update');
  });

  it('of no news is taken with a flag', () => {
    const practice = { resourceType: 'Organization', id: 'o1', name: 'A practice' };
    expect(saidIn(collection(practice))).toEqual({
      what: 'bundle', parts: [], patient: { identifiers: [] }, flags: ['nothing-taken'], sender: 'ehr', controlId: '', at: CONTEXT.receivedAt, atSource: 'received', receivedAt: CONTEXT.receivedAt,
    });
    expect(saidIn(collection({ resourceType: 'Immunization', id: 'i1' })).flags).toEqual(['kept-only', 'nothing-taken']);
  });

  it('takes what is created or replaced, and says what it does not take', () => {
    const entry = [
      { resource: patient(), request: { method: 'PUT', url: 'Patient/p1' } }, { request: { method: 'DELETE', url: 'MedicationRequest/m9' } }, { request: { method: 'GET', url: 'Patient?name=x' } },
      { resource: { resourceType: 'Binary' }, request: { method: 'PATCH', url: 'Patient/p1' } }, { request: { method: 'POST', url: 'Patient' } },
    ];
    expect(saidIn(bundle('batch', ...entry))).toMatchObject({ what: 'update', flags: ['delete-not-taken', 'read-not-taken', 'patch-not-taken', 'entry-without-resource'] });
  });

  it('within a bundle is read with it', () => {
    const inner = bundle('searchset', { resource: encounter() }, { resource: patient() });
    expect(partsIn(bundle('batch-response', { resource: inner, response: { status: '200' } })).map(({ what }) => what)).toEqual(['discharge']);
  });

  it('with several versions of one resource says what the newest does', () => {
    const at = (day: number, more: object) => ({ fullUrl: 'https://ehr.example.org/fhir/Encounter/e1', resource: encounter({ meta: { lastUpdated: `2026-03-0${day}T12:00:00Z` }, ...more }) });
    const people = { fullUrl: 'https://ehr.example.org/fhir/Patient/p1', resource: patient() };
    const versions = [at(5, {}), at(2, { status: 'in-progress' })];
    for (const entry of [versions, [...versions].reverse()]) expect(saidIn(bundle('history', people, ...entry))).toMatchObject({ what: 'discharge', at: '2026-03-05T12:00:00.000Z', flags: ['older-version-not-read'] });
    const undated = versions.map(({ fullUrl, resource }) => ({ fullUrl, resource: { ...resource, meta: undefined } }));
    expect(['history', 'collection'].map((type) => saidIn(bundle(type, people, ...undated)).what)).toEqual(['discharge', 'admission']);
  });

  it('is refused whole for one resource that cannot be read, with every reason and its place', () => {
    const whole = bundle('batch', { resource: encounter({ subject: undefined }) }, { resource: patient() }, { resource: patient({ id: 'p2' }) }, { resource: { id: 'x' } }, { resource: medicationRequest({ medicationCodeableConcept: {} }) });
    expect(reasonsIn(whole)).toEqual(['101 Bundle.entry[3].resource.resourceType', '101 Bundle.entry[0].resource.subject', '101 Bundle.entry[4].resource.medication']);
  });

  it('begins as its type has to', () => {
    expect(reasonsIn(bundle('message', { resource: encounter() }))).toContain('100 Bundle.entry[0].resource');
    expect(reasonsIn(bundle('document', { resource: patient() }))).toEqual(['100 Bundle.entry[0].resource']);
    expect(reasonsIn(bundle('letter'))).toEqual(['103 Bundle.type']);
    expect(reasonsIn({ resourceType: 'Bundle' })).toEqual(['101 Bundle.type']);
  });

  it('names its patients by references that it does not hold, and says so', () => {
    expect(saidIn(collection(condition))).toMatchObject({ patient: { identifiers: [{ kind: 'person-index', authority: 'fhir:ehr', value: 'p1' }] }, flags: ['reference-outside'] });
    expect(saidIn(condition)).toMatchObject({ what: 'statements', flags: [] });
    expect(saidIn({ ...condition, subject: { reference: 'Patient?identifier=urn:oid:1.2.3.4|700001' } })).toMatchObject({ patient: { identifiers: [{ kind: 'record-number', own: true, authority: 'NSH', value: '700001' }] } });
    expect(saidIn({ ...condition, subject: { display: 'Somebody' } })).toMatchObject({ patient: { identifiers: [] }, flags: ['matches-nobody'] });
  });
});

it('says the same in whatever order its resources stand', () => {
  const past = encounter({ id: 'e2', identifier: [], period: { start: '2025-01-01T08:00:00Z', end: '2025-01-03T08:00:00Z' } });
  const resources: readonly Resource[] = [letter, condition, order, medicationRequest(), encounter(), past, patient(), patient({ id: 'p2', identifier: [{ value: '700002' }] })];
  const facts = (all: readonly Resource[]) => partsIn(collection(...all)).map((part) => JSON.stringify(part.what === 'statements' ? { ...part, statements: part.statements.map((one) => JSON.stringify(one)).sort() } : part));
  fc.assert(fc.property(fc.shuffledSubarray([...resources], { minLength: resources.length }), (shuffled) => expect(facts(shuffled)).toEqual(facts(resources))), { numRuns: 100 });
});

describe('when it was written', () => {
  it('is the message’s own time, else when the resource was last changed, else when it came', () => {
    const changed = { meta: { lastUpdated: '2026-03-05T16:30:00.5Z' } };
    expect(saidIn(message('notification-discharge', encounter(changed), patient()))).toMatchObject({ at: '2026-03-05T17:00:00.000Z', atSource: 'timestamp' });
    expect(saidIn(encounter(changed))).toMatchObject({ at: '2026-03-05T16:30:00.500Z', atSource: 'lastUpdated' });
    expect(saidIn({ ...collection(encounter(changed)), timestamp: '2026-03-05T18:00:00Z' })).toMatchObject({ atSource: 'lastUpdated' });
    expect(saidIn({ ...collection(encounter()), timestamp: '2026-03-05T18:00:00Z' })).toMatchObject({ at: '2026-03-05T18:00:00.000Z', atSource: 'timestamp' });
    expect(saidIn(encounter())).toMatchObject({ at: CONTEXT.receivedAt, atSource: 'received' });
  });
});

describe('whatever comes', () => {
  it('that is no resource is refused', () => {
    for (const value of [null, undefined, 7, 'text', [], true]) expect(reasonsIn(value)).toEqual(['100']);
    expect(reasonsIn({})).toEqual(['101 resourceType']);
  });

  it('is kept as a database takes it', () => {
    const said = saidIn(patient({ name: [{ family: 'A\u0000B\ud800', given: ['C'] }] }));
    expect(said.patient.name).toEqual({ family: 'AB\ufffd', given: 'C' });
    expect(saidIn(condition).flags).toEqual([]);
  });

  it('is read or refused, never an error, whatever JSON it is', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => expect(['readable', 'unreadable']).toContain(read(value).kind)), { numRuns: 300 });
  });

  const whole = { ...message('notification-discharge', encounter({ subject: { reference: 'urn:uuid:2' }, diagnosis: [{ condition: { reference: 'urn:uuid:3' } }] }), patient(), condition, order, letter,
    medicationRequest({ dosageInstruction: [{ doseAndRate: [{ doseQuantity: { value: 1 } }], timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } } }] })) };

  /** Puts something else in one place of a message. */
  const spoilt = (value: unknown, path: readonly number[], put: unknown): unknown => {
    if (path.length === 0 || typeof value !== 'object' || value === null) return put;
    const keys = Object.keys(value);
    const key = keys[path[0]! % Math.max(keys.length, 1)];
    if (key === undefined) return put;
    const inside = spoilt((value as Record<string, unknown>)[key], path.slice(1), put);
    return Array.isArray(value) ? value.map((one: unknown, n) => (String(n) === key ? inside : one)) : { ...value, [key]: inside };
  };

  it('is read or refused, never an error, whatever stands in a place of a good message; and its times are moments', () => {
    expect(read(whole).kind).toBe('readable');
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('constructor', '__proto__', 'Bundle', '#', 'urn:uuid:2', '2026', '2026-02-30', 'Patient?identifier=|', { reference: '#' }));
    fc.assert(fc.property(fc.array(fc.nat(12), { minLength: 1, maxLength: 9 }), anything, (path, put) => {
      const found = read(spoilt(whole, path, put));
      if (found.kind === 'unreadable') return;
      const text = JSON.stringify(found.said);
      expect(JSON.parse(text)).toBeDefined();
      for (const moment of text.match(/"(at|\w+At)":"[^"]*"/g) ?? []) expect(moment).toMatch(/:"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$/);
    }), { numRuns: 600 });
  });

  it('gives reasons without a word of what was sent', () => {
    const secret = 'Zzsecret';
    const broken = collection(encounter({ subject: undefined, id: secret }), medicationRequest({ medicationCodeableConcept: {}, subject: { reference: `Patient/${secret}` } }), { resourceType: 'Patient', id: secret });
    const found = read({ ...broken, type: secret });
    expect(found.kind === 'unreadable' && found.reasons.length > 0 && !JSON.stringify(found.reasons).includes(secret)).toBe(true);
  });
});
