import { readFileSync } from 'node:fs';
import { isInHospital, isStay } from './encounter-class.js';

const rules = JSON.parse(readFileSync(new URL('../../../reference/follow-up.json', import.meta.url), 'utf8')) as { readonly notInpatient: readonly string[]; readonly emergency: readonly string[] };

describe('the class of an encounter', () => {
  it('is no stay where nobody is followed up because of it', () => {
    expect(rules.notInpatient.filter(isStay)).toEqual([]);
    expect(rules.notInpatient.filter(isInHospital).sort()).toEqual([...rules.emergency].sort());
  });

  it.each(['IMP', 'ACUTE', 'NONAC', 'OBSENC', 'SS', 'I', 'inpatient', 'a code of nobody’s', undefined])('%s is a stay', (code) => expect(isStay(code)).toBe(true));
  it.each(['AMB', 'VR', 'wellness', ' hh '])('%s is none', (code) => expect([isStay(code), isInHospital(code)]).toEqual([false, false]));
  it('of an emergency department is in hospital, and no stay', () => expect([isStay('EMER'), isInHospital('EMER')]).toEqual([false, true]));
});
