import { createHash } from 'node:crypto';
import { idOf } from '@throughline/kernel/ids';
import { canonicalJson } from '@throughline/platform/http/canonical-json';
import { adt, hl7Time } from '@throughline/testing/hl7-builder';

export interface Outgoing {
  readonly sender: string;
  readonly controlId: string;
  readonly text: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

export interface BenchDischarge {
  /** On every event that follows from the A03. */
  readonly correlationId: string;
  readonly a03: Outgoing;
  readonly prescriptions: readonly Outgoing[];
}

const HOUR = 3_600_000;
const HL7_SENDER = 'BENCHADT|NORTHSHORE';
const REST_SENDER = 'BENCHRX';
const MEDICINES = [
  ['314076', 'lisinopril 10 mg tablet', '10'],
  ['197361', 'amlodipine 5 mg tablet', '5'],
  ['860975', 'metformin 500 mg tablet', '500'],
  ['617312', 'atorvastatin 20 mg tablet', '20'],
] as const;

const outgoing = (sender: string, controlId: string, text: string): Outgoing => ({ sender, controlId, text, hash: createHash('sha256').update(text).digest('hex') });

/** Made-up patients without end: every discharge is of another one. */
export class Ward {
  #patients = 0;
  #messages = 0;

  constructor(private readonly seed: number) {}

  /** One bench discharge: an A03 with three DG1, and four prescriptions. */
  discharge(now: Date): BenchDischarge {
    const { mrn, visit, family } = this.#next();
    const left = new Date(now.getTime() - HOUR);
    const controlId = this.#controlId();
    const a03 = outgoing(HL7_SENDER, controlId, adt('A03', {
      app: 'BENCHADT', mrn, visit, family, controlId, disposition: '01', diagnoses: ['I50.9', 'E11.9', 'N18.3'],
      admittedAt: hl7Time(new Date(left.getTime() - 72 * HOUR)), dischargedAt: hl7Time(left), recordedAt: hl7Time(left), sentAt: hl7Time(now),
    }));
    const prescriptions = MEDICINES.map(([code, medicine, dose], index) => {
      const messageId = this.#controlId();
      const body = {
        sender: REST_SENDER,
        messageId,
        patient: { identifiers: [{ value: mrn, authority: 'NSH', type: 'MR' }] },
        encounter: { visitNumber: visit },
        orderId: `${visit}-${index + 1}`,
        medicine: { text: medicine, code, system: 'http://www.nlm.nih.gov/research/umls/rxnorm' },
        dose: { value: dose, unit: 'mg' },
        route: 'PO',
        directions: 'one tablet by mouth once daily',
        prescribedAt: left.toISOString(),
      };
      return outgoing(REST_SENDER, messageId, canonicalJson(body));
    });
    return { correlationId: idOf('inbound', a03.sender, a03.controlId, a03.hash), a03, prescriptions };
  }

  /** ADT messages that discharge nobody: an admission, then three updates, and so on with the next patient. */
  *admissions(now: () => Date): Generator<Outgoing> {
    for (;;) {
      const { mrn, visit, family } = this.#next();
      for (let update = 0; update < 4; update += 1) {
        const controlId = this.#controlId();
        const at = hl7Time(now());
        yield outgoing(HL7_SENDER, controlId, adt(update === 0 ? 'A01' : 'A08', { app: 'BENCHADT', mrn, visit, family, controlId, phone: `555-010${update}`, admittedAt: at, recordedAt: at, sentAt: at }));
      }
    }
  }

  #next(): { mrn: string; visit: string; family: string } {
    const number = `${this.seed}${String(++this.#patients).padStart(7, '0')}`;
    return { mrn: number, visit: `V${number}`, family: `Bench${number}` };
  }

  #controlId(): string {
    return `B${this.seed}-${++this.#messages}`;
  }
}
