import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MllpClient, mllpFrame, type Acknowledgement } from '@throughline/testing/mllp-client';
import { System, throughline } from '@throughline/testing/system';
import type { OpenMessage } from './open-messages.js';
import { eventCount } from './events.js';
import { ledgerOf } from './ledger.js';

/** By structural class: what may be answered. Every class not named here, and not told by its content: exactly one answer, whichever. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  'adt-ok': ['AA'],
  'rx-ok': ['AA'],
  'mdm-ok': ['AA'],
  'adt-no-PID': ['AE'],
  'adt-no-PID3': ['AE'],
  'adt-no-PV1': ['AE'],
};
const HEADER_DEFECT = /^header-bad$|header-incomplete$/;

/** What ERR-2 has to point at. */
const PLACES: Readonly<Record<string, RegExp>> = { 'adt-no-PID': /\^?PID\b/, 'adt-no-PID3': /PID\^1\^3\b/, 'adt-no-PV1': /\bPV1\b/ };

/** The types that are read beside ADT, medicines and documents, and the segments one of which each must have. */
const READ: Readonly<Record<string, readonly string[]>> = { ORU: ['OBR'], OUL: ['OBR'], ORM: ['OBR'], OML: ['OBR', 'ORC'], OMG: ['OBR', 'ORC'], OMI: ['OBR', 'ORC'], SIU: ['SCH'] };

/** Of another class: what the message is made of says whether it can be read. An ORM without a test orders something else. */
const byContent = ({ type, withCr }: OpenMessage): readonly string[] | undefined => {
  const wanted = READ[type.split('^')[0]!];
  if (!wanted) return undefined;
  const lines = withCr.toString('latin1').split('\r');
  const has = wanted.some((name) => lines.some((line) => line.startsWith(name)));
  const somebody = lines.some((line) => line.startsWith('PID') && (line.split(line[3] ?? '|')[3] ?? '') !== '');
  if (type === 'ORM^O01' && !has) return ['AR'];
  return [has && somebody ? 'AA' : 'AE'];
};

const allowed = (message: OpenMessage): readonly string[] => {
  const { klass } = message;
  if (HEADER_DEFECT.test(klass)) return ['AE', 'AR'];
  if (klass === 'other-type' || klass === 'order-nonrx') return byContent(message) ?? ['AA', 'AE', 'AR'];
  return ANSWERS[klass] ?? ['AA', 'AE', 'AR'];
};

export interface ClassOfAnswers {
  readonly klass: string;
  readonly sent: number;
  readonly codes: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

export interface AnswersResult {
  readonly form: 'as found' | 'with CR';
  readonly classes: readonly ClassOfAnswers[];
  readonly retrievable: number;
  /** Events that sending the whole set again added. */
  readonly addedByRepeat: number;
  readonly check: string;
  readonly faults: readonly string[];
}

const PATIENCE_MS = 20_000;

const within = async <T>(work: Promise<T>, ms: number): Promise<T | undefined> => {
  const late = new AbortController();
  return Promise.race([work, delay(ms, undefined, { signal: late.signal })]).finally(() => late.abort());
};

const controlIdOf = (message: Buffer): string => {
  const header = message.toString('latin1').split(/[\r\n]/, 1)[0]!;
  return header.split(header[3] ?? '|')[9] ?? '';
};

interface Answered {
  readonly message: OpenMessage;
  readonly bytes: Buffer;
  readonly answer: Acknowledgement | undefined;
}

/** One connection, one message after the other; anew after one that got no answer. */
const sendAll = async (port: number, messages: readonly OpenMessage[], bytesOf: (message: OpenMessage) => Buffer): Promise<readonly Answered[]> => {
  const answered: Answered[] = [];
  let client = await MllpClient.connect(port);
  for (const message of messages) {
    const bytes = bytesOf(message);
    const answer = await within(client.send(bytes).catch(() => undefined), PATIENCE_MS);
    answered.push({ message, bytes, answer });
    if (answer) continue;
    client.socket.destroy();
    client = await MllpClient.connect(port);
  }
  await client.close();
  return answered;
};

/** Acknowledgements as input: none of them may be answered. Answers how many were. */
const sendAcks = async (port: number, acks: readonly OpenMessage[], bytesOf: (message: OpenMessage) => Buffer): Promise<number> => {
  const client = await MllpClient.connect(port);
  let answers = 0;
  client.socket.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1').split('\u000b').length - 1));
  for (const ack of acks) client.write(mllpFrame(bytesOf(ack)));
  await delay(1_500);
  await client.close();
  return answers;
};

const faultOf = ({ message, bytes, answer }: Answered): readonly string[] => {
  const name = `${message.source}/${message.path} ${message.type} (${message.klass})`;
  if (!answer) return [`${name}: no answer`];
  if (!allowed(message).includes(answer.code)) return [`${name}: ${answer.code} ${answer.text}`];
  const echoed = Buffer.from(answer.controlId, 'utf8').toString('latin1');
  if (echoed !== controlIdOf(bytes) && answer.controlId !== controlIdOf(bytes) && message.klass !== 'header-bad') return [`${name}: MSA-2 is not MSH-10`];
  const place = PLACES[message.klass];
  if (place && !place.test(answer.raw.split('\r').filter((line) => line.startsWith('ERR')).join(' '))) return [`${name}: ERR does not point at the defect`];
  return [];
};

const byClass = (answered: readonly Answered[]): readonly ClassOfAnswers[] =>
  Object.entries(Object.groupBy(answered, ({ message }) => message.klass)).map(([klass, some = []]) => ({
    klass,
    sent: some.length,
    codes: Object.fromEntries(Object.entries(Object.groupBy(some, ({ answer }) => answer?.code ?? 'none')).map(([code, ones = []]) => [code, ones.length])),
    faults: some.flatMap(faultOf),
  }));

/** How many of them can be got back from the system, to the byte. */
const retrievable = async (system: System, sent: readonly Buffer[]): Promise<number> => {
  const wanted = new Set(sent.map((bytes) => createHash('sha256').update(bytes).digest('hex')));
  let found = 0;
  for (const { id } of await ledgerOf(system)) {
    const { raw } = await system.get<{ raw: string }>(`/api/intake/inbound/${id}`, 'operator');
    if (wanted.delete(createHash('sha256').update(Buffer.from(raw, 'base64')).digest('hex'))) found += 1;
  }
  return found;
};

/** Every message to one fresh system, twice. */
export const answersRun = async (messages: readonly OpenMessage[], form: AnswersResult['form']): Promise<AnswersResult> => {
  const bytesOf = (message: OpenMessage): Buffer => (form === 'with CR' ? message.withCr : message.bytes);
  const acks = messages.filter(({ klass }) => klass === 'ack');
  const others = messages.filter(({ klass }) => klass !== 'ack');
  const system = await System.start('embedded');
  try {
    const answered = await sendAll(system.mllpPort, others, bytesOf);
    const answeredAcks = await sendAcks(system.mllpPort, acks, bytesOf);
    const checked = await throughline(['check', '--home', system.home, '--settle', '120']);
    const before = await eventCount(system);
    const accepted = answered.filter(({ answer }) => answer?.code === 'AA');
    const distinct = new Set(answered.filter(({ message }) => message.klass === 'adt-ok').map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'))).size;
    const back = await retrievable(system, answered.filter(({ message }) => message.klass === 'adt-ok').map(({ bytes }) => bytes));
    const again = await sendAll(system.mllpPort, others, bytesOf);
    const checkedAgain = await throughline(['check', '--home', system.home, '--settle', '120']);
    const addedByRepeat = (await eventCount(system)) - before;
    const changed = again.filter(({ answer }, at) => answer?.code !== answered[at]!.answer?.code).length;
    return {
      form,
      classes: [...byClass(answered), { klass: 'ack', sent: acks.length, codes: answeredAcks === 0 ? { none: acks.length } : { answered: answeredAcks }, faults: answeredAcks === 0 ? [] : [`${answeredAcks} acknowledgements were answered`] }],
      retrievable: back,
      addedByRepeat,
      check: checkedAgain.last,
      faults: [
        ...(back === distinct ? [] : [`${distinct - back} of ${distinct} well-formed messages cannot be got back`]),
        ...(addedByRepeat === 0 ? [] : [`sending everything again added ${addedByRepeat} events`]),
        ...(changed === 0 ? [] : [`${changed} messages got another answer the second time`]),
        ...[checked, checkedAgain].filter(({ code }) => code !== 0).map(({ last }) => `check: ${last}`),
        ...(accepted.length > 0 ? [] : ['nothing was accepted']),
      ],
    };
  } finally {
    await system.discard();
  }
};
