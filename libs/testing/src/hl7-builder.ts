/** Synthetic HL7 v2.5.1 ADT messages. Every value in them is made up. */

export interface AdtOptions {
  /** MSH-3 and MSH-4. */
  readonly app?: string;
  readonly facility?: string;
  /** MSH-10; must differ between messages that say different things. */
  readonly controlId?: string;
  /** Medical record number, PID-3. */
  readonly mrn?: string;
  /** Assigning authority of the record number; empty = the sender's own. */
  readonly authority?: string;
  /** More repetitions of PID-3, as they stand. */
  readonly moreIdentifiers?: readonly string[];
  readonly family?: string;
  readonly given?: string;
  readonly birthDate?: string;
  readonly sex?: string;
  readonly phone?: string;
  readonly language?: string;
  /** PID-18 */
  readonly account?: string;
  /** PID-29 (time of death) and PID-30 (death indicator). */
  readonly diedAt?: string;
  readonly deceased?: 'Y' | 'N' | '';
  /** PV1-2, 3.4, 19, 36, 37, 44, 45 */
  readonly patientClass?: string;
  readonly location?: string;
  readonly visit?: string;
  readonly disposition?: string;
  readonly destination?: string;
  readonly admittedAt?: string;
  readonly dischargedAt?: string;
  /** EVN-2, EVN-6, MSH-7. Times are `YYYYMMDDHHMMSS[+-ZZZZ]`. */
  readonly recordedAt?: string;
  readonly occurredAt?: string;
  readonly sentAt?: string;
  /** ICD-10 codes, one DG1 each. */
  readonly diagnoses?: readonly string[];
  /** Segments put behind the others, as they stand. */
  readonly moreSegments?: readonly string[];
}

/** HL7 v2.5.1, table 0354. */
const STRUCTURES = {
  A01: 'ADT_A01', A02: 'ADT_A02', A03: 'ADT_A03', A04: 'ADT_A01', A05: 'ADT_A05', A08: 'ADT_A01', A11: 'ADT_A09', A12: 'ADT_A09', A13: 'ADT_A01', A16: 'ADT_A16',
  A17: 'ADT_A17', A23: 'ADT_A21', A25: 'ADT_A21', A28: 'ADT_A05', A31: 'ADT_A05', A34: 'ADT_A30', A40: 'ADT_A39', A45: 'ADT_A45',
} as const;
export type AdtTrigger = keyof typeof STRUCTURES;

/** These are about the person alone. */
const WITHOUT_VISIT: readonly AdtTrigger[] = ['A28', 'A31', 'A34', 'A40'];

/** Fields by number, the rest empty. */
const segment = (name: string, fields: Readonly<Record<number, string | undefined>>): string => {
  const last = Math.max(...Object.entries(fields).filter(([, value]) => value).map(([n]) => Number(n)), 0);
  return [name, ...Array.from({ length: last }, (_, i) => fields[i + 1] ?? '')].join('|');
};

/** `YYYYMMDDHHMMSS+0000` of an instant. */
export const hl7Time = (at: Date): string => `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;

/**
 * One ADT message, segments ended by CR. Without options it is about one made-up person who was admitted on 2026-03-02
 * and left on 2026-03-05.
 */
export const adt = (trigger: AdtTrigger, options: AdtOptions = {}): string => {
  const {
    app = 'WARDS', facility = 'NORTHSHORE', controlId = `${trigger}-1`, mrn = '700001', authority = 'NSH', moreIdentifiers = [],
    family = 'Testperson', given = 'Avery', birthDate = '19510407', sex = 'F', phone = '555-0100', language = 'en',
    account = '', diedAt, deceased = '', patientClass = 'I', location = 'NORTHSHORE', visit = 'V700001', disposition, destination,
    admittedAt = '20260302081500-0500', recordedAt = trigger === 'A01' ? '20260302081500-0500' : '20260305113000-0500', sentAt = recordedAt,
    occurredAt, dischargedAt = trigger === 'A03' ? '20260305112000-0500' : '', diagnoses = [], moreSegments = [],
  } = options;
  const withVisit = !WITHOUT_VISIT.includes(trigger);
  return [
    segment('MSH', { 1: '^~\\&', 2: app, 3: facility, 4: 'THROUGHLINE', 5: 'CARE', 6: sentAt, 8: `ADT^${trigger}^${STRUCTURES[trigger]}`, 9: controlId, 10: 'P', 11: '2.5.1' }),
    segment('EVN', { 1: trigger, 2: recordedAt, 6: occurredAt }),
    segment('PID', {
      1: '1', 3: [`${mrn}^^^${authority}^MR`, ...moreIdentifiers].join('~'), 5: `${family}^${given}^^^^^L`, 7: birthDate, 8: sex,
      13: phone, 15: language, 18: account, 29: diedAt, 30: deceased,
    }),
    ...(withVisit
      ? [segment('PV1', {
          1: '1', 2: patientClass, 3: location ? `4E^12^A^${location}` : '', 19: visit, 36: disposition, 37: destination,
          44: admittedAt, 45: dischargedAt,
        })]
      : []),
    ...diagnoses.map((code, i) => segment('DG1', { 1: String(i + 1), 3: `${code}^Synthetic diagnosis ${i + 1}^I10`, 6: 'F' })),
    ...moreSegments,
    '',
  ].join('\r');
};

export interface DocumentOptions extends Pick<AdtOptions, 'controlId' | 'mrn' | 'authority' | 'family' | 'visit' | 'recordedAt'> {
  /** TXA-2, 12, 17 */
  readonly kind?: string;
  readonly number?: string;
  readonly completion?: string;
  /** OBX-5; empty: announced without its text. */
  readonly text?: string;
}

/** One MDM message about a document of the same made-up person. */
export const mdm = (trigger: 'T01' | 'T02' | 'T11', options: DocumentOptions = {}): string => {
  const { controlId = `${trigger}-1`, mrn = '700001', authority = 'NSH', family = 'Testperson', visit = 'V700001', recordedAt = '20260305180000-0500', kind = 'DS', number = 'DOC-1', completion = 'AU', text = 'A made-up text.' } = options;
  return [
    segment('MSH', { 1: '^~\\&', 2: 'WARDS', 3: 'NORTHSHORE', 4: 'THROUGHLINE', 5: 'CARE', 6: recordedAt, 8: `MDM^${trigger}^MDM_T02`, 9: controlId, 10: 'P', 11: '2.5.1' }),
    segment('EVN', { 1: trigger, 2: recordedAt }),
    segment('PID', { 1: '1', 3: `${mrn}^^^${authority}^MR`, 5: `${family}^Avery^^^^^L` }),
    segment('PV1', { 1: '1', 2: 'I', 19: visit }),
    segment('TXA', { 1: '1', 2: kind, 3: 'TX', 7: recordedAt, 12: number, 17: completion }),
    ...(text === '' ? [] : [segment('OBX', { 1: '1', 2: 'TX', 5: text, 11: 'F' })]),
    '',
  ].join('\r');
};

/** A person who differs from every other number's, with a stay of the same number. */
export const numbered = (n: number, options: AdtOptions = {}): AdtOptions => ({
  mrn: String(800_000 + n),
  visit: `V${800_000 + n}`,
  family: `Testperson${n}`,
  ...options,
});
