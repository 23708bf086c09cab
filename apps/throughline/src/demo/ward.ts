/**
 * The demo ward: a dozen people who never lived, told to intake the way a hospital would. Times are counted back from now,
 * so that on the day of the first start some tasks are new, some fall due and some are overdue.
 */
export interface DemoPrescription {
  /** The order's number at the hospital, and the key that makes sending it twice one order. */
  readonly orderId: string;
  readonly medicine: { readonly text: string; readonly code?: string; readonly system?: string };
  readonly dose: { readonly value: string; readonly unit?: string };
  readonly directions: string;
}

interface Resident {
  readonly record: string;
  readonly family: string;
  readonly given: string;
  readonly born: string;
  readonly sex: 'F' | 'M';
  readonly language?: string;
  readonly phone: string;
  /** ICD-10-CM code and its words. */
  readonly diagnosis: readonly [string, string];
  /** NUBC discharge status: 01 home, 06 home with home health, 03 skilled nursing. */
  readonly disposition: string;
  /** Hours before now; null while still in hospital. */
  readonly admitted: number;
  readonly discharged: number | null;
  /** Hours before now at which the discharge was taken back. */
  readonly cancelled?: number;
  readonly medicines: readonly (readonly [text: string, rxnorm: string, dose: string, unit: string, directions: string])[];
}

const FUROSEMIDE = ['Furosemide 40 mg oral tablet', '313988', '40', 'mg', 'Take 1 tablet every morning'] as const;
const LISINOPRIL = ['Lisinopril 10 mg oral tablet', '314076', '10', 'mg', 'Take 1 tablet once a day'] as const;
const METFORMIN = ['Metformin hydrochloride 500 mg oral tablet', '861007', '500', 'mg', 'Take 1 tablet twice a day with meals'] as const;
const ATORVASTATIN = ['Atorvastatin 20 mg oral tablet', '617310', '20', 'mg', 'Take 1 tablet at bedtime'] as const;
const AMLODIPINE = ['Amlodipine 5 mg oral tablet', '197361', '5', 'mg', 'Take 1 tablet once a day'] as const;
const APIXABAN = ['Apixaban 5 mg oral tablet', '1364445', '5', 'mg', 'Take 1 tablet twice a day'] as const;

const DAY = 24;
const WARD: readonly Resident[] = [
  { record: 'D1001', family: 'Alder', given: 'Ada', born: '19480312', sex: 'F', phone: '555-0101', diagnosis: ['I50.9', 'Heart failure, unspecified'], disposition: '01', admitted: 12 * DAY, discharged: 8 * DAY, medicines: [FUROSEMIDE, LISINOPRIL] },
  { record: 'D1002', family: 'Birch', given: 'Ben', born: '19551123', sex: 'M', phone: '555-0102', diagnosis: ['J44.1', 'COPD with acute exacerbation'], disposition: '06', admitted: 10 * DAY, discharged: 6 * DAY, medicines: [AMLODIPINE] },
  { record: 'D1003', family: 'Cedar', given: 'Cora', born: '19620704', sex: 'F', language: 'es', phone: '555-0103', diagnosis: ['E11.9', 'Type 2 diabetes mellitus without complications'], disposition: '01', admitted: 7 * DAY, discharged: 4 * DAY, medicines: [METFORMIN, ATORVASTATIN] },
  { record: 'D1004', family: 'Douglas', given: 'Dan', born: '19391201', sex: 'M', phone: '555-0104', diagnosis: ['I48.91', 'Unspecified atrial fibrillation'], disposition: '01', admitted: 5 * DAY, discharged: 3 * DAY, medicines: [APIXABAN, LISINOPRIL, ATORVASTATIN] },
  { record: 'D1005', family: 'Elder', given: 'Eve', born: '19711015', sex: 'F', phone: '555-0105', diagnosis: ['J18.9', 'Pneumonia, unspecified organism'], disposition: '01', admitted: 6 * DAY, discharged: 2 * DAY, medicines: [] },
  { record: 'D1006', family: 'Fir', given: 'Finn', born: '19850228', sex: 'M', phone: '555-0106', diagnosis: ['K35.80', 'Unspecified acute appendicitis'], disposition: '01', admitted: 3 * DAY, discharged: DAY, medicines: [] },
  { record: 'D1007', family: 'Gum', given: 'Grace', born: '19440509', sex: 'F', phone: '555-0107', diagnosis: ['I50.9', 'Heart failure, unspecified'], disposition: '06', admitted: 8 * DAY, discharged: 20, medicines: [FUROSEMIDE, LISINOPRIL, AMLODIPINE] },
  { record: 'D1008', family: 'Hazel', given: 'Hank', born: '19580830', sex: 'M', phone: '555-0108', diagnosis: ['I21.4', 'Non-ST elevation myocardial infarction'], disposition: '01', admitted: 4 * DAY, discharged: 6, medicines: [ATORVASTATIN, LISINOPRIL] },
  { record: 'D1009', family: 'Ivy', given: 'Ines', born: '19760117', sex: 'F', language: 'es', phone: '555-0109', diagnosis: ['N39.0', 'Urinary tract infection, site not specified'], disposition: '01', admitted: 2 * DAY, discharged: 3, medicines: [] },
  { record: 'D1010', family: 'Juniper', given: 'Jack', born: '19510606', sex: 'M', phone: '555-0110', diagnosis: ['S72.001A', 'Fracture of neck of right femur, initial encounter'], disposition: '03', admitted: 9 * DAY, discharged: 2 * DAY, medicines: [APIXABAN] },
  { record: 'D1011', family: 'Kapok', given: 'Kim', born: '19670923', sex: 'F', phone: '555-0111', diagnosis: ['R07.9', 'Chest pain, unspecified'], disposition: '01', admitted: 2 * DAY, discharged: 8, cancelled: 5, medicines: [] },
  { record: 'D1012', family: 'Larch', given: 'Leo', born: '19800404', sex: 'M', phone: '555-0112', diagnosis: ['E11.65', 'Type 2 diabetes mellitus with hyperglycemia'], disposition: '01', admitted: DAY, discharged: null, medicines: [] },
];

export const DEMO_SENDER = 'DEMO-HOSPITAL';
const FACILITY = 'DEMO';

/** HL7 time with its offset: nothing to guess for whoever reads it. */
const dtm = (at: Date): string => `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}+0000`;
const before = (now: Date, hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

const adt = (trigger: 'A01' | 'A03' | 'A13', at: Date, resident: Resident, now: Date): string => {
  const { record, family, given, born, sex, phone, language = 'en', diagnosis, disposition } = resident;
  const structure = trigger === 'A03' ? 'ADT_A03' : 'ADT_A01';
  const pv1 = Array.from({ length: 46 }, () => '');
  pv1[0] = 'PV1';
  pv1[1] = '1';
  pv1[2] = 'I';
  pv1[3] = `4 WEST^401^A^${FACILITY}`;
  pv1[19] = `V${record.slice(1)}^^^${FACILITY}^VN`;
  pv1[44] = dtm(before(now, resident.admitted));
  if (trigger === 'A03' && resident.discharged !== null) {
    pv1[36] = disposition;
    pv1[45] = dtm(before(now, resident.discharged));
  }
  return [
    `MSH|^~\\&|${DEMO_SENDER}|${FACILITY}|THROUGHLINE|THROUGHLINE|${dtm(at)}||ADT^${trigger}^${structure}|DEMO-${record}-${trigger}|P|2.5.1`,
    `EVN||${dtm(at)}`,
    `PID|1||${record}^^^${FACILITY}^MR||${family}^${given}^^^^^L||${born}|${sex}|||1 Example Street^^Springfield^NY^10001||${phone}||${language}|||A${record.slice(1)}^^^${FACILITY}^AN`,
    pv1.join('|'),
    ...(trigger === 'A13' ? [] : [`DG1|1||${diagnosis[0]}^${diagnosis[1]}^I10|||A`]),
    '',
  ].join('\r');
};

interface Timed {
  readonly hoursAgo: number;
  readonly text: string;
}

/** The ward's HL7 v2 messages in the order in which a hospital would have sent them. */
export const demoMessages = (now: Date): readonly string[] =>
  WARD.flatMap((resident): Timed[] => {
    const message = (trigger: 'A01' | 'A03' | 'A13', hoursAgo: number): Timed => ({ hoursAgo, text: adt(trigger, before(now, hoursAgo), resident, now) });
    return [
      message('A01', resident.admitted),
      ...(resident.discharged === null ? [] : [message('A03', resident.discharged)]),
      ...(resident.cancelled === undefined ? [] : [message('A13', resident.cancelled)]),
    ];
  })
    .sort((a, b) => b.hoursAgo - a.hoursAgo)
    .map(({ text }) => text);

/** Bodies of POST /api/intake/prescriptions. */
export const demoPrescriptions = (now: Date): readonly (DemoPrescription & Record<string, unknown>)[] =>
  WARD.flatMap((resident) =>
    resident.medicines.map(([text, code, value, unit, directions], at) => {
      const orderId = `RX-${resident.record}-${at + 1}`;
      return {
        sender: DEMO_SENDER,
        messageId: `DEMO-${orderId}`,
        patient: { identifiers: [{ value: resident.record, authority: FACILITY, type: 'MR' }], family: resident.family, given: resident.given },
        encounter: { visitNumber: `V${resident.record.slice(1)}` },
        orderId,
        medicine: { text, code, system: 'http://www.nlm.nih.gov/research/umls/rxnorm' },
        dose: { value, unit },
        route: 'PO',
        directions,
        prescribedAt: before(now, (resident.discharged ?? 0) + 2).toISOString(),
      };
    }),
  );
