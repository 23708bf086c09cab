import { resourceValidation, type Resource } from './resource-validation.js';

const validate = resourceValidation();
const found = async (resource: object): Promise<readonly string[]> => (await validate(resource as Resource)).map(({ code, where }) => `${code} ${where}`);

const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:example:numbers', value: '900001' }], name: [{ family: 'Restperson', given: ['Kim'] }] };
const stay = { resourceType: 'Encounter', status: 'finished', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' } };
const finding = { resourceType: 'Observation', status: 'final', code: { text: 'potassium' } };
const problem = { resourceType: 'Condition', subject: { reference: 'Patient/1' } };
const status = (code: string, system = 'http://terminology.hl7.org/CodeSystem/condition-clinical') => ({ coding: [{ system, code }] });

describe('the form of a resource', () => {
  it.each<[string, object]>([
    ['a patient', patient],
    ['a part of a date', { ...patient, birthDate: '1951-04' }],
    ['an extension in place of a value', { ...patient, _birthDate: { extension: [{ url: 'http://example.org/absent', valueCode: 'unknown' }] } }],
    ['a value that is absent among others', { ...patient, name: [{ given: ['Kim', null], _given: [null, { extension: [{ url: 'http://example.org/absent', valueCode: 'masked' }] }] }] }],
    ['an extension of somebody’s own', { ...stay, extension: [{ url: 'http://example.org/own', valueString: 'x' }], modifierExtension: [{ url: 'http://example.org/more', valueBoolean: true }] }],
    ['a concept in another system’s words', { ...problem, clinicalStatus: status('current', 'http://example.org/status') }],
    ['a concept by its text', { ...problem, clinicalStatus: { text: 'active' } }],
    ['a resource that holds another', { ...finding, contained: [{ ...patient, id: 'p' }], subject: { reference: '#p' } }],
    ['an attachment of two megabytes', { resourceType: 'Binary', contentType: 'text/plain', data: 'QUJD'.repeat(700_000) }],
    ['a long narrative', { ...patient, text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${'long '.repeat(300_000)}</div>` } }],
    ['a bundle whose entries are nothing but resources', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient }, { resource: stay }] }],
    ['an invariant that does not hold', { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient }] }],
  ])('is right: %s', async (_name, resource) => {
    expect(await found(resource)).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['an element that is not R4’s', { ...stay, reason: [{ text: 'x' }] }, '100 Encounter.reason'],
    ['deep inside', { ...patient, name: [{ familly: 'x' }] }, '100 Patient.name[0].familly'],
    ['one where a list belongs', { ...patient, name: { family: 'x' } }, '100 Patient.name'],
    ['a list where one belongs', { ...patient, birthDate: ['1951-04-07'] }, '100 Patient.birthDate'],
    ['text where a number belongs', { ...finding, valueQuantity: { value: '5' } }, '102 Observation.value.value'],
    ['text where parts belong', { ...stay, class: 'inpatient' }, '102 Encounter.class'],
    ['an object where text belongs', { ...patient, gender: { code: 'female' } }, '100 Patient.gender.code'],
    ['null', { ...patient, gender: null }, '102 Patient.gender'],
    ['a date of another form', { ...patient, birthDate: '04/07/1951' }, '102 Patient.birthDate'],
    ['a date that there is not', { ...patient, birthDate: '2021-02-30' }, '102 Patient.birthDate'],
    ['an instant without its zone', { ...finding, issued: '2026-03-05T11:20:00' }, '102 Observation.issued'],
    ['nothing where something is required', { ...stay, status: undefined }, '101 Encounter.status'],
    ['two of a choice', { ...finding, valueString: 'a', valueBoolean: true }, '100 Observation'],
    ['a code of nobody’s', { ...patient, gender: 'M' }, '103 Patient.gender'],
    ['a code of a concept', { ...problem, clinicalStatus: status('current') }, '103 Condition.clinicalStatus'],
    ['a code inside what it holds', { ...finding, contained: [{ ...patient, gender: 'M' }] }, '103 Observation.contained[0].gender'],
    ['a type of resource that there is not', { resourceType: 'Person2' }, '200 Person2'],
    ['an abstract type', { resourceType: 'DomainResource' }, '200 DomainResource'],
    ['a bundle in its own form', { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: patient, request: { method: 'STORE', url: 'Patient' } }] }, '103 Bundle.entry[0].request.method'],
    ['a bundle in a resource of it', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient }, { resource: { ...stay, status: 'discharged' } }] }, '103 Bundle.entry[1].resource.status'],
    ['a bundle in a bundle', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { ...patient, gender: 'M' } }] } }] }, '103 Bundle.entry[0].resource.entry[0].resource.gender'],
    ['a bundle with no resource in an entry', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: 'x' }] }, '102 Bundle.entry[0].resource'],
  ])('is not: %s', async (_name, resource, reason) => {
    const reasons = await found(JSON.parse(JSON.stringify(resource)) as object);
    expect(reasons).toContain(reason);
    expect(reasons.every((one) => one === reasons[0])).toBe(true);
  });

  it('says where and what, and repeats nothing of the content', async () => {
    const said = JSON.stringify(await validate({ ...patient, gender: 'Restperson', name: [{ given: 'Kim' }], 'Kim Restperson': 1, birthDate: 'Kim' } as Resource));
    expect(said).not.toMatch(/Kim|Restperson/);
    expect(said).toContain('This code is not in the value set administrative-gender');
  });
});
