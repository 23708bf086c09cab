import { patientLabel } from './patient-label.js';

describe('patientLabel', () => {
  it('says given name, then family name', () => {
    expect(patientLabel('p', { name: { family: 'Sample', given: 'Ada' }, birthDate: '1950-01-02', recordNumber: { value: 'MR1' } })).toEqual({ id: 'p', name: 'Ada Sample', birthDate: '1950-01-02', recordNumber: 'MR1' });
  });

  it('leaves no blank where half a name is missing', () => {
    expect(patientLabel('p', { name: { family: 'Sample', given: '' } }).name).toBe('Sample');
    expect(patientLabel('p', { name: { family: '', given: 'Ada' } }).name).toBe('Ada');
  });

  it('says null, not an empty text, of what was not received', () => {
    const nothing = { id: 'p', name: null, birthDate: null, recordNumber: null };
    expect(patientLabel('p', null)).toEqual(nothing);
    expect(patientLabel('p', { name: { family: '', given: '' } })).toEqual(nothing);
  });
});
