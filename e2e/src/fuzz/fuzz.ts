import { parseArgs } from 'node:util';
import { acknowledge } from '@throughline/intake/adapters/hl7v2/acknowledgement';
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
      const bytes = frame.kind === 'message' ? frame.bytes : frame.head;
      const read = translate(bytes, CONTEXT);
      tally.kinds[read.kind] = (tally.kinds[read.kind] ?? 0) + 1;
      answered(bytes, read);
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
