import { APPOINTMENTS } from './appointments.js';
import { DOCUMENTS } from './documents.js';
import { headerLine, type Er7Message, type Reason, type Segment } from './er7.js';
import { PHARMACY } from './medicines.js';
import { TEST_ORDERS, testOrdersIn } from './test-orders.js';
import { RESULTS } from './test-results.js';

/** What of the header is kept beside the message, readable or not. */
export interface Header {
  /** `sending application|sending facility`; `?` when the header cannot be read. */
  readonly sender: string;
  readonly controlId: string;
  /** `ADT^A03` */
  readonly trigger: string;
}

export const UNKNOWN_HEADER: Header = { sender: '?', controlId: '', trigger: '' };

const MAX_CONTROL_ID = 199;

/** Message types that answer another message: answering them would make two systems talk for ever. */
const ANSWERS = ['ACK', 'MCF'];

/** The ADT triggers that are taken; what each says is in `translate.ts`. */
export const HANDLED = [
  'A01', 'A02', 'A03', 'A04', 'A05', 'A06', 'A07', 'A08', 'A11', 'A12', 'A13', 'A14', 'A15', 'A16', 'A17', 'A18', 'A23', 'A25', 'A26', 'A27', 'A28', 'A29',
  'A31', 'A34', 'A40', 'A45', 'A47', 'A60',
] as const;
export type Trigger = (typeof HANDLED)[number];

/** Goes into lists and logs, so nothing but a code. */
const coded = (text: string): string => (/^\w{0,10}$/.test(text) ? text : '?');

const triggerOf = (msh: Segment, message: Er7Message): string => msh.text(9, 2) || (message.first('EVN')?.text(1) ?? '');

export const headerOf = (message: Er7Message): Header => {
  const msh = message.first('MSH')!;
  const type = msh.text(9, 1);
  return {
    sender: `${msh.text(3)}|${msh.text(4)}`.slice(0, 400),
    controlId: msh.text(10).slice(0, MAX_CONTROL_ID + 1),
    trigger: type === '' ? '' : `${coded(type)}^${coded(triggerOf(msh, message))}`,
  };
};

export const isAnswer = (message: Er7Message): boolean => ANSWERS.includes(message.first('MSH')!.text(9, 1).replace(/[^A-Z]/g, ''));

/** Of a message that could not be taken apart: does its header still say, in plain bytes, that it is an answer? */
export const looksLikeAnswer = (bytes: Buffer): boolean => {
  const header = headerLine(bytes, 2_000);
  const type = header.startsWith('MSH') && header[3] !== undefined ? (header.split(header[3])[8] ?? '') : '';
  return ANSWERS.some((answer) => new RegExp(`^${answer}(?![A-Za-z0-9])`).test(type));
};

const typeOf = (name: string): string => name.split('^')[0]!;
/** What is taken beside ADT, by message type. */
const TAKEN = Object.groupBy([...new Set([...Object.keys(PHARMACY), ...TEST_ORDERS, ...RESULTS, ...APPOINTMENTS, ...DOCUMENTS])], typeOf);

/** An order of ORM may be for anything: it is a medicine's or a test's where it says which. */
const ordersSomething = (message: Er7Message): boolean =>
  message.first('RXO') !== undefined || message.first('RXE') !== undefined || testOrdersIn(message, 'ORM^O01').length > 0;

const unhandledOf = (type: string, trigger: string, message: Er7Message): Reason | undefined => {
  if (type === '') return { code: 200, where: 'MSH-9', text: 'The message type is missing' };
  if (type === 'ADT') {
    if ((HANDLED as readonly string[]).includes(trigger)) return undefined;
    return { code: 201, where: 'MSH-9', text: `This ADT event is not handled; handled are ${HANDLED.join(', ')}` };
  }
  const taken = TAKEN[type];
  if (!taken) return { code: 200, where: 'MSH-9', text: `This message type is not handled; handled are ADT, ${Object.keys(TAKEN).join(', ')}` };
  if (!taken.includes(`${type}^${trigger}`)) return { code: 201, where: 'MSH-9', text: `This event is not handled; handled are ${taken.join(', ')}` };
  if (type === 'ORM' && !ordersSomething(message)) return { code: 200, where: 'MSH-9', text: 'Orders of other things than medicines (RXO, RXE) and tests (OBR) are not handled' };
  return undefined;
};

/** What is wrong with the header, all of it: a sender should learn everything at once. */
export const headerReasons = (message: Er7Message): readonly Reason[] => {
  const msh = message.first('MSH')!;
  const reasons: Reason[] = [];
  if (message.all('MSH').length > 1) reasons.push({ code: 100, where: 'MSH', text: 'More than one MSH segment in one frame: send each in a frame of its own, or all as a batch (BHS, BTS)' });
  const type = msh.text(9, 1);
  const unhandled = unhandledOf(type, triggerOf(msh, message), message);
  if (unhandled) reasons.push(unhandled);
  const controlId = msh.text(10);
  if (controlId === '') reasons.push({ code: 101, where: 'MSH-10', text: 'The message control id is missing' });
  else if (controlId.length > MAX_CONTROL_ID) reasons.push({ code: 102, where: 'MSH-10', text: `The message control id is longer than ${MAX_CONTROL_ID}` });
  const processing = msh.text(11);
  if (processing !== '' && !['P', 'T', 'D'].includes(processing)) reasons.push({ code: 202, where: 'MSH-11', text: 'The processing id is none of P, T, D' });
  if (!/^2(\.\d+)*$/.test(msh.text(12))) reasons.push({ code: 203, where: 'MSH-12', text: 'The version is missing or not of HL7 v2' });
  return reasons;
};
