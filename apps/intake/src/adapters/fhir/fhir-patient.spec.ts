import { collection, concept, encounter, message, partIn, partsIn, patient, saidIn, type Resource } from '../../../test/fhir-reading.js';

const identifiersIn = (resource: object) => saidIn(resource).patient.identifiers.map(({ kind, own, authority, value }) => `${kind} ${own ? 'own ' : ''}${authority} ${value}`);
const typed = (code: string, value: string, system?: string): Resource => ({ type: concept(`http://terminology.hl7.org/CodeSystem/v2-0203|${code}`), value, ...(system === undefined ? {} : { system }) });

describe('a Patient', () => {
  it('is told as HL7 v2 tells of one', () => {
    expect(saidIn(patient({ telecom: [{ system: 'email', value: 'a@example.org' }, { system: 'phone', value: '555-0100' }], communication: [{ language: concept('urn:ietf:bcp:47|en-US') }] }))).toEqual({
      what: 'update', sender: 'ehr', controlId: 'Patient/p1', receivedAt: '2026-03-06T00:00:00.000Z', at: '2026-03-06T00:00:00.000Z', atSource: 'received', flags: [],
      patient: {
        identifiers: [{ kind: 'record-number', own: true, authority: 'NSH', value: '700001' }, { kind: 'person-index', own: false, authority: 'fhir:ehr', value: 'p1' }],
        name: { family: 'Testperson', given: 'Avery' }, birthDate: '1951-04-07', sex: 'F', phone: '555-0100', language: 'en-US',
      },
    });
  });

  it('is known by numbers of the kinds that say who somebody is, from the giver that a system stands for', () => {
    const identifier = [
      typed('MR', '1'), typed('MR', '2', 'http://example.org/ids/'), typed('PI', '3', 'urn:oid:9.9'), typed('NI', '4', 'http://example.org/nation'),
      { system: 'http://example.org/untyped', value: '5' }, { system: 'http://hl7.org/fhir/sid/us-mbi', value: '6' },
    ];
    expect(identifiersIn(patient({ id: undefined, identifier }))).toEqual([
      'record-number own NSH 1', 'record-number http://example.org/ids 2', 'person-index urn:oid:9.9 3', 'national-number http://example.org/nation 4',
      'record-number http://example.org/untyped 5', 'person-index http://hl7.org/fhir/sid/us-mbi 6',
    ]);
  });

  it('is matched by no social security number, licence, passport or account, however it is typed', () => {
    const identifier = [
      typed('SS', '1'), { system: 'http://hl7.org/fhir/sid/us-ssn', value: '2' }, typed('MR', '3', 'urn:oid:2.16.840.1.113883.4.1'), typed('DL', '4'), typed('PPN', '5'), typed('AN', '6'),
      { type: { text: 'Passport number' }, system: 'http://example.org/p', value: '7' }, { system: 'urn:oid:2.16.840.1.113883.4.3.25', value: '8' },
    ];
    expect(saidIn(patient({ id: undefined, identifier }))).toMatchObject({ patient: { identifiers: [] }, flags: ['matches-nobody'] });
  });

  it('has an identity where a server keeps it, and none under a name that holds for one message', () => {
    const at = (fullUrl: string | undefined, request?: object) => ({ resourceType: 'Bundle', type: request ? 'transaction' : 'collection', entry: [{ ...(fullUrl ? { fullUrl } : {}), resource: patient({ identifier: [] }), ...(request ? { request } : {}) }] });
    expect(identifiersIn(at('https://other.example.org/r4/Patient/p1'))).toEqual(['person-index https://other.example.org/r4 p1']);
    expect(identifiersIn(at('https://ehr.example.org/fhir/Patient/p1'))).toEqual(['person-index fhir:ehr p1']);
    expect(identifiersIn(at(undefined))).toEqual(['person-index fhir:ehr p1']);
    expect(identifiersIn(at('urn:uuid:9', { method: 'PUT', url: 'Patient/p1' }))).toEqual(['person-index fhir:ehr p1']);
    expect(identifiersIn(at('urn:uuid:9', { method: 'POST', url: 'Patient' }))).toEqual([]);
    expect(identifiersIn(at(undefined, { method: 'POST', url: 'Patient' }))).toEqual([]);
    expect(identifiersIn(at('urn:uuid:9'))).toEqual([]);
    expect(identifiersIn({ resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:9', resource: patient({ id: '0b4c5d6e-1111-4222-8333-123456789abc', identifier: [] }) }] })).toEqual([]);
  });

  it('has the official name, else the usual one; an old one only where there is no other', () => {
    const nameIn = (...name: object[]) => saidIn(patient({ name })).patient.name;
    expect(nameIn({ use: 'old', family: 'Before' }, { use: 'usual', family: 'Usual' }, { use: 'official', family: 'Official', given: ['A'] })).toEqual({ family: 'Official', given: 'A' });
    expect(nameIn({ use: 'old', family: 'Before' }, { family: 'Now' })).toEqual({ family: 'Now', given: '' });
    expect(nameIn({ use: 'old', family: 'Before' })).toEqual({ family: 'Before', given: '' });
    expect(nameIn({ text: 'Avery Testperson' })).toEqual({ family: 'Avery Testperson', given: '' });
    expect(nameIn({ prefix: ['Dr'] })).toBeUndefined();
  });

  it('has died where it says so; a partial date of birth is none, and flagged', () => {
    expect([{}, { deceasedBoolean: false }, { deceasedBoolean: true }, { deceasedDateTime: '2026-03' }].map((more) => saidIn(patient(more)).patient.deceased)).toEqual([undefined, false, true, true]);
    expect(saidIn(patient({ birthDate: '1951-04' }))).toMatchObject({ patient: { birthDate: undefined }, flags: ['birth-date-partial'] });
  });

  it('is told by each of a message of whom nothing else is told', () => {
    const twins = collection(encounter(), patient(), patient({ id: 'p2', identifier: [typed('MR', '700002')] }));
    expect(partsIn(twins).map(({ what, patient: { identifiers } }) => [what, identifiers[0]!.value])).toEqual([['discharge', '700001'], ['update', '700002']]);
  });
});

describe('links between records', () => {
  const [stands, goes] = [patient(), patient({ id: 'p2', identifier: [typed('MR', '700002')] })];

  it('are a merge, said from either side or from both', () => {
    const wanted = [{ into: { identifiers: [{ value: '700001' }, { value: 'p1' }] }, retired: [{ value: '700002' }, { value: 'p2' }] }];
    const replaced = { ...goes, active: false, link: [{ other: { reference: 'Patient/p1' }, type: 'replaced-by' }] };
    const replaces = { ...stands, link: [{ other: { reference: 'Patient/p2' }, type: 'replaces' }] };
    for (const bundle of [collection(stands, replaced), collection(replaces, goes), collection(replaces, replaced)]) {
      expect(saidIn(bundle)).toMatchObject({ what: 'merge', merges: wanted, patient: { identifiers: [{ value: '700001' }, { value: 'p1' }] } });
      expect(partIn('merge', bundle).merges).toHaveLength(1);
    }
  });

  it('are a merge also into a record that the message does not hold', () => {
    const replaced = { ...goes, link: [{ other: { reference: 'Patient/p9' }, type: 'replaced-by' }] };
    expect(saidIn(replaced)).toMatchObject({ what: 'merge', merges: [{ into: { identifiers: [{ kind: 'person-index', authority: 'fhir:ehr', value: 'p9' }] } }] });
  });

  it('say nothing where they only point, or name nobody', () => {
    expect(saidIn({ ...stands, link: [{ other: { reference: 'Patient/p2' }, type: 'seealso' }] })).toMatchObject({ what: 'update', flags: ['link-not-taken'] });
    expect(saidIn(message('admin-notify', { ...goes, identifier: [], link: [{ other: { reference: 'Patient/p1' }, type: 'replaced-by' }] }))).toMatchObject({ what: 'update', flags: ['matches-nobody', 'link-without-number'] });
  });
});
