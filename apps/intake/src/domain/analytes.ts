import type { ANALYTES } from '@throughline/contracts/statement-events';

export type Analyte = (typeof ANALYTES)[number];

/** LOINC -> what rules look at, whatever the method, the specimen (blood, serum, plasma) or the kind of unit. */
const LOINC: ReadonlyMap<string, Analyte> = new Map(
  (
    [
      ['sodium', ['2951-2', '2947-0']],
      ['potassium', ['2823-3', '6298-4']],
      ['creatinine', ['2160-0', '14682-9', '38483-4']],
      ['egfr', ['33914-3', '48642-3', '48643-1', '50044-7', '62238-1', '69405-9', '77147-7', '88293-6', '88294-4', '94677-2', '98979-8']],
      ['haemoglobin', ['718-7', '20509-6', '30313-1', '30350-3', '59260-0']],
      ['inr', ['6301-6', '34714-6', '38875-1', '46418-0']],
      ['hba1c', ['4548-4', '4549-2', '17856-6', '59261-8']],
    ] as const
  ).flatMap(([analyte, codes]) => codes.map((code): [string, Analyte] => [code, analyte])),
);

/** LOINC's name in FHIR, as an OID, and in HL7 table 0396. */
const NAMES: readonly string[] = ['http://loinc.org', 'urn:oid:2.16.840.1.113883.6.1', '2.16.840.1.113883.6.1', 'ln', 'loinc'];

/**
 * Which analyte a code means. A code whose system nobody named is taken for LOINC: its hyphen and check digit are nobody
 * else's; a code of another system is that system's, however it looks.
 */
export const analyteOf = ({ code = '', system = '' }: { readonly code?: string | undefined; readonly system?: string | undefined }): Analyte | undefined =>
  system === '' || NAMES.includes(system.toLowerCase().replace(/\/$/, '')) ? LOINC.get(code.trim()) : undefined;
