import { placeOf, resolver, type Entry } from './references.js';

const entry = (type: string, id: string, more: Partial<Entry> & { readonly resource?: object } = {}): Entry => {
  const { resource = {}, ...rest } = more;
  return { type, where: `${type}/${id}`, fullUrl: '', place: { type, id }, ...rest, resource: { resourceType: type, id, ...resource } };
};
const at = (base: string, type: string, id: string): Entry => entry(type, id, { fullUrl: `${base}/${type}/${id}`, place: { base, type, id } });

const A = 'https://a.example.org/fhir';
const B = 'https://b.example.org/fhir';

describe('references', () => {
  const ofA = at(A, 'Patient', '1');
  const ofB = at(B, 'Patient', '1');
  const named = entry('Patient', 'x', { fullUrl: 'urn:uuid:5', resource: { identifier: [{ system: 'urn:oid:1.2', value: '700|001' }] } });
  const stay = entry('Encounter', '7', { resource: { contained: [{ resourceType: 'Location', id: 'ward' }] } });
  const resolve = resolver([ofA, ofB, named, stay]);
  const where = (reference: object, from: Entry = stay): string | undefined => resolve({ ...reference }, from)?.entry?.where;

  it('find an entry by its name in the message, its address, or its place, whatever the version', () => {
    expect(where({ reference: 'urn:uuid:5' })).toBe('Patient/x');
    expect(where({ reference: `${A}/Patient/1` })).toBe('Patient/1');
    expect(where({ reference: `${A}/Patient/1/_history/3` })).toBe('Patient/1');
    expect(where({ reference: 'Encounter/7/_history/2' }, ofA)).toBe('Encounter/7');
  });

  it('are relative to the server that the referring entry is from', () => {
    expect(resolve({ reference: 'Patient/1' }, at(A, 'Encounter', '9'))?.entry).toBe(ofA);
    expect(resolve({ reference: 'Patient/1' }, at(B, 'Encounter', '9'))?.entry).toBe(ofB);
  });

  it('find nobody where two servers have one of that id and nothing says which', () => {
    expect(resolve({ reference: 'Patient/1' }, stay)).toEqual({ type: 'Patient', place: { type: 'Patient', id: '1' }, display: '' });
  });

  it('find what is contained, and what contains', () => {
    expect(where({ reference: '#ward' })).toBe('Encounter/7.contained[0]');
    const ward = resolve({ reference: '#ward' }, stay)!.entry!;
    expect(where({ reference: '#' }, ward)).toBe('Encounter/7');
    expect(where({ reference: '#none' })).toBeUndefined();
  });

  it('name a number, conditional or logical, and find who bears it', () => {
    const identifier = { system: 'urn:oid:1.2', value: '700|001' };
    expect(where({ type: 'Patient', identifier })).toBe('Patient/x');
    expect(where({ reference: 'Patient?identifier=urn:oid:1.2%7C700|001' })).toBe('Patient/x');
    expect(resolve({ reference: 'Patient?identifier=urn:oid:1.2|9' }, stay)).toEqual({ type: 'Patient', identifier: { system: 'urn:oid:1.2', value: '9' }, display: '' });
  });

  it('tell where something is that the message does not hold, on whose server', () => {
    expect(resolve({ reference: 'Patient/404', display: 'Somebody' }, ofA)).toEqual({ type: 'Patient', place: { base: A, type: 'Patient', id: '404' }, display: 'Somebody' });
    expect(resolve({ reference: 'urn:uuid:404' }, ofA)).toEqual({ type: '', display: '' });
    expect(resolve({}, ofA)).toBeUndefined();
    expect(resolve(undefined, ofA)).toBeUndefined();
  });

  it('know a place by its shape', () => {
    expect(placeOf('https://h.example/r4/a/Patient/1.a-b')).toEqual({ base: 'https://h.example/r4/a', type: 'Patient', id: '1.a-b' });
    expect(['Patient', 'patient/1', 'Patient/1/2', 'ftp://h/Patient/1', 'Patient?x=1'].map(placeOf)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});
