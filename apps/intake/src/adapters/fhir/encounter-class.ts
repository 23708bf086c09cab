/**
 * Classes that are no stay in hospital: FHIR R4 (v3 ActCode), HL7 table 0004 and the words of before R4. What an operator
 * follows up is `reference/follow-up.json`; here it is only asked whether somebody was admitted, and which stay of a message
 * is its last. A class that is in no list is taken for a stay: nobody falls through for want of a code.
 */
const NO_STAY: readonly string[] = [
  'AMB', 'HH', 'VR', 'FLD', 'PRENC', 'O', 'P', 'R',
  'AMBULATORY', 'OUTPATIENT', 'PREADMIT', 'RECURRING', 'HOME', 'VIRTUAL', 'FIELD', 'DAYTIME', 'WELLNESS', 'URGENTCARE',
];
/** As in HL7 v2, whoever is in the emergency department is in hospital; who leaves it has not left a stay. */
const EMERGENCY: readonly string[] = ['EMER', 'E', 'EMERGENCY'];

const has = (list: readonly string[], code: string | undefined): boolean => list.includes((code ?? '').trim().toUpperCase());

export const isInHospital = (encounterClass: string | undefined): boolean => !has(NO_STAY, encounterClass);
export const isStay = (encounterClass: string | undefined): boolean => isInHospital(encounterClass) && !has(EMERGENCY, encounterClass);
