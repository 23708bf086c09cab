import { parseArgs } from 'node:util';
import { acknowledge } from '@throughline/intake/adapters/hl7v2/acknowledgement';
import { batchIn } from '@throughline/intake/adapters/hl7v2/batch';
import { FrameReader, framed } from '@throughline/intake/adapters/hl7v2/mllp-frames';
import { translate, type Translation } from '@throughline/intake/adapters/hl7v2/translate';
import { adt, mdm, type AdtTrigger } from '@throughline/testing/hl7-builder';
import { Dice, mutated, pieces } from './mutations.js';

const USAGE = `npm run fuzz -- [options]

Broken messages into the framer, the parser and the translation of HL7 v2: no crash, no hang, bounded memory.
  --inputs N    how many (1000000)
  --seed N      which ones (1)`;

const TRIGGERS: readonly AdtTrigger[] = ['A01', 'A02', 'A03', 'A04', 'A05', 'A08', 'A11', 'A13', 'A16', 'A17', 'A23', 'A25', 'A28', 'A31', 'A34', 'A40', 'A45'];
const pharmacy = (type: string, ...orders: readonly string[]): string => [`MSH|^~\\&|PHARM|NORTHSHORE|U|H|20260305120000-0500||${type}|c1|P|2.5.1`, 'PID|1||700001^^^NSH^MR||Testperson^Avery', ...orders, ''].join('\r');

/** Synthetic, one of each kind that is read. */
const SEEDS: readonly Buffer[] = [
  ...TRIGGERS.map((trigger) => adt(trigger, { account: 'A1', diagnoses: ['I50.9', 'E11.9'], moreIdentifiers: ['9^^^X^PI'], moreSegments: ['MRG|700002^^^NSH^MR||||V7', 'PV2|||||||||20260307100000', 'ZZZ|local'] })),
  mdm('T02'),
  pharmacy('RDE^O11', 'ORC|NW|P1^OE|F1||||^BID^D10^20260305', 'RXE|^BID|1^Testformin^NDC|1|2|TAB||^Take with food', 'TQ1|1||TID|0700~1500|||20260305', 'RXR|PO', 'ORC|DC|P2', 'RXO|^Testolol|5||mg'),
  pharmacy('RAS^O17', 'ORC|RE|P1', 'RXA|0|1|20260305|20260305|A^Testolol|10|mg'),
  pharmacy('ORU^R01', 'ORC|RE|P1|F1', 'OBR|1|P1|F1|UE^Electrolytes^L|||20260305|||||||||||||||20260305|||F', 'OBX|1|NM|2951-2^Sodium^LN||128|mmol/L|135-145|L~A|||F', 'OBX|2|SN|98979-8^eGFR^LN||>^60|mL/min|||||C|||20260305', 'PID|2||700002', 'OBR|1||F2|FBC'),
  pharmacy('OML^O21', 'ORC|NW|P1|||IP||^^^20260306||20260305', 'TQ1|1||||||20260306', 'OBR|1|P1||UE^Electrolytes^L', 'ORC|CA|P2', 'ORC|SC||F3', 'OBR|2|||FBC'),
  pharmacy('ORM^O01', 'ORC|NW|P1', 'RXO|^Testolol|5||mg', 'ORC|NW|P2', 'OBR|1|P2||MRI^Knee'),
  pharmacy('SIU^S14', 'SCH|A1^CAL|F1||||ADD|FU^Follow-up|Normal|20|MIN|^^^20260312093000||||||||||||||Booked', 'TQ1|1||||||20260312100000|20260312103000', 'AIS|1||ECHO|20260312', 'AIL|1||CL1^R2', 'AIP|1||77^Testdoctor^Robin'),
  adt('A28', { moreSegments: ['AL1|1|DA|70618^Penicillin^RxNorm|SV|Rash~Wheeze', 'IAM|1|DA|^NKDA|MO||D|AL7^NSH'] }),
  `BHS|^~\\&|WARDS|NSH|U|H|2026||||B1\r${adt('A01')}${adt('A03')}BTS|2\r`,
  'MSH|^~\\&|A|B|C|D|2026||ACK^A03|1|P|2.5\rMSA|AA|1\r',
].map((message) => Buffer.from(message));

const CONTEXT = { receivedAt: '2026-03-06T00:00:00.000Z', defaultZone: 'America/New_York', senders: {} };
const OWN = { id: 'OWN1', now: new Date('2026-03-05T16:20:00Z') };
/** An input that takes longer is a hang in the making. */
const HANG_MS = 1_000;
/** What may stay of everything that was read, after the collector ran. */
const MOST_KEPT_MB = 48;
const FRAME_LIMIT = 16_384;

interface Tally {
  readonly kinds: Record<string, number>;
  frames: number;
  slowestMs: number;
}

const answered = (bytes: Buffer, read: Translation): void => {
  if (read.kind === 'answer') return;
  const reasons = read.kind === 'unreadable' ? read.reasons : [];
  const answer = acknowledge(bytes, { code: reasons.length > 0 ? 'AE' : 'AA', reasons }, OWN).toString('latin1');
  if (!answer.startsWith('MSH') || !/\rMSA.A[AE]/.test(answer)) throw new Error('The answer is no acknowledgement');
  if (read.kind === 'unreadable' && reasons.length === 0) throw new Error('A refusal without a reason');
  if (read.kind === 'readable' && new Date(read.said.at).toISOString() !== read.said.at) throw new Error('A time that is none');
};

const tryOne = (input: Buffer, dice: Dice, tally: Tally): void => {
  const began = performance.now();
  const reader = new FrameReader(FRAME_LIMIT);
  for (const piece of pieces(Buffer.concat([dice.roll(5) === 0 ? input.subarray(0, 20) : Buffer.alloc(0), framed(input)]), dice)) {
    for (const frame of reader.push(piece)) {
      tally.frames += 1;
      const whole = frame.kind === 'message' ? frame.bytes : frame.head;
      for (const bytes of batchIn(whole)?.messages.map((one) => one.bytes) ?? [whole]) {
        const read = translate(bytes, CONTEXT);
        tally.kinds[read.kind] = (tally.kinds[read.kind] ?? 0) + 1;
        answered(bytes, read);
      }
    }
  }
  tally.slowestMs = Math.max(tally.slowestMs, performance.now() - began);
};

const keptMb = (): number => {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
};

const main = (): number => {
  const { values } = parseArgs({ options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } } });
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (values.help || !(inputs > 0) || !Number.isInteger(seed)) {
    console.log(USAGE);
    return values.help ? 0 : 2;
  }
  const tally: Tally = { kinds: {}, frames: 0, slowestMs: 0 };
  let before: number | undefined;
  for (let n = 0; n < inputs; n += 1) {
    const dice = new Dice(seed * 7_919 + n);
    const input = mutated(SEEDS, dice);
    try {
      tryOne(input, dice, tally);
      if (tally.slowestMs > HANG_MS) throw new Error(`It took ${Math.round(tally.slowestMs)} ms`);
    } catch (error) {
      console.log(`input ${n} of seed ${seed}, base64 ${input.toString('base64')}\n${error instanceof Error ? error.stack : String(error)}`);
      return 1;
    }
    // Not before everything is warm.
    if (n === Math.min(20_000, inputs - 1)) before = keptMb();
    if ((n + 1) % 100_000 === 0) console.log(`  ${n + 1} inputs, ${tally.frames} frames`);
  }
  const grown = keptMb() - (before ?? 0);
  console.log(`${inputs} inputs, ${tally.frames} frames: ${Object.entries(tally.kinds).map(([kind, count]) => `${kind} ${count}`).join(', ')}; slowest ${tally.slowestMs.toFixed(1)} ms; ${grown.toFixed(1)} MB more kept at the end`);
  return grown > MOST_KEPT_MB ? 1 : 0;
};

process.exitCode = main();
