import { ANALYTES } from '@throughline/contracts/statement-events';
import { analyteOf } from './analytes.js';

describe('analytes', () => {
  it('are known by LOINC, as FHIR and HL7 v2 name it, whatever the method', () => {
    expect(analyteOf({ code: '2951-2', system: 'http://loinc.org' })).toBe('sodium');
    expect(analyteOf({ code: '2160-0', system: 'LN' })).toBe('creatinine');
    expect(['33914-3', '62238-1', '98979-8'].map((code) => analyteOf({ code, system: 'urn:oid:2.16.840.1.113883.6.1' }))).toEqual(['egfr', 'egfr', 'egfr']);
    expect(analyteOf({ code: ' 718-7 ' })).toBe('haemoglobin');
  });

  it('are none where the code is another system’s, or unknown', () => {
    expect(analyteOf({ code: '2951-2', system: 'http://example.org/lab' })).toBeUndefined();
    expect(analyteOf({ code: '9999-9', system: 'http://loinc.org' })).toBeUndefined();
    expect(analyteOf({ code: 'constructor' })).toBeUndefined();
    expect(analyteOf({})).toBeUndefined();
  });

  it('has a code for each that rules look at', () => {
    const known = ['2951-2', '2823-3', '2160-0', '62238-1', '718-7', '6301-6', '4548-4'].map((code) => analyteOf({ code }));
    expect(known).toEqual([...ANALYTES]);
  });
});
