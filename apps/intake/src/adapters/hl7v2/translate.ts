import type { Said, SaidOnce } from '../../domain/said.js';
import { WORDS, type Base } from './adt-words.js';
import { allergiesIn, TELL_OF_ALLERGIES } from './allergies.js';
import { APPOINTMENTS, readAppointment } from './appointments.js';
import { bundleOf } from './bundle.js';
import { DOCUMENTS, readContent, readDocument, type ReadInside } from './documents.js';
import { headerLine, parseEr7, usualSeparators, type Er7Message, type Er7Result, type Reason } from './er7.js';
import { headerOf, headerReasons, isAnswer, looksLikeAnswer, UNKNOWN_HEADER, type Header, type Trigger } from './header.js';
import { PHARMACY, readMedicines } from './medicines.js';
import { isMerge, readMerges, type MergeTrigger } from './merges.js';
import { firstTime, timesOf, type Times } from './message-times.js';
import { readPerson } from './person-segments.js';
import { personsIn } from './persons-in.js';
import type { SenderSettings } from './sender-settings.js';
import type { StatementsRead } from './statements-read.js';
import { stayNumbers, stayOf } from './stay-segments.js';
import { readTestOrders, TEST_ORDERS, testOrdersIn } from './test-orders.js';
import { readResults, RESULTS } from './test-results.js';

export interface TranslationContext {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly defaultZone: string;
  /** By `sending application|sending facility`. */
  readonly senders: Readonly<Record<string, SenderSettings>>;
  /** Why the message is not taken from its sender, if so. Absent: from everybody. */
  readonly refused?: (header: Header) => Reason | undefined;
  /** What C-CDA documents say. Absent: they are not looked into. */
  readonly readInside?: ReadInside | undefined;
}

export type Translation =
  | { readonly kind: 'readable'; readonly header: Header; readonly said: Said }
  | { readonly kind: 'unreadable'; readonly header: Header; readonly reasons: readonly Reason[] }
  /** An acknowledgement: never stored, never answered. */
  | { readonly kind: 'answer' };

/** What these say is said of a visit; the others may come without one. */
const NEEDS_VISIT: readonly string[] = [
  'A01', 'A02', 'A03', 'A04', 'A05', 'A06', 'A07', 'A11', 'A12', 'A13', 'A14', 'A15', 'A16', 'A23', 'A25', 'A26', 'A27', 'A45',
] satisfies readonly Trigger[];

type Read = SaidOnce | readonly Reason[];

const baseOf = (message: Er7Message, header: Header, patient: Base['patient'], personFlags: readonly string[], times: Times, receivedAt: string): Base => {
  const evn = message.first('EVN');
  const sent = times.read(message.first('MSH'), 7);
  const written = firstTime([['EVN-2', times.read(evn, 2)], ['MSH-7', sent], ['EVN-6', times.read(evn, 6)]], receivedAt);
  return {
    sender: header.sender, controlId: header.controlId, receivedAt, patient, at: written.at, atSource: written.source,
    flags: [...message.quirks, ...personFlags, ...times.flags],
  };
};

const medicinesOf = (message: Er7Message, header: Header, times: Times, authority: string, receivedAt: string): Read => {
  const person = readPerson(message, authority);
  const { lines, reasons, flags } = readMedicines(message, header.trigger, times.read);
  if (!person.patient || person.reasons.length > 0 || reasons.length > 0) return [...person.reasons, ...reasons];
  const [prescription, ...more] = lines;
  const base = baseOf(message, header, person.patient, [...person.flags, ...flags], times, receivedAt);
  return { ...base, what: 'prescription', ...stayNumbers(message), prescription: prescription!, ...(more.length > 0 ? { more } : {}) };
};

const documentOf = (message: Er7Message, header: Header, times: Times, authority: string, { receivedAt, readInside }: TranslationContext): Said | readonly Reason[] => {
  const person = readPerson(message, authority);
  const read = readDocument(message, header.trigger, times.read);
  if (!person.patient || person.reasons.length > 0 || 'reasons' in read) return [...person.reasons, ...('reasons' in read ? read.reasons : [])];
  const base = baseOf(message, header, person.patient, person.flags, times, receivedAt);
  const inside = readInside && !read.document.withdrawn ? readContent(message, { base, stay: stayOf(message, header, times) }, readInside) : { parts: [], flags: [] };
  return bundleOf([{ ...base, flags: [...base.flags, ...inside.flags], what: 'document', ...stayNumbers(message), document: read.document }, ...inside.parts]);
};

/** What was read of one message, all or nothing: a part that cannot be read is for the sender to correct. */
const together = (parts: readonly Read[]): Said | readonly Reason[] => {
  const [first, ...others] = parts.filter((part) => 'what' in part);
  const reasons = parts.flatMap((part) => ('what' in part ? [] : part));
  if (first && reasons.length === 0) return bundleOf([first, ...others]);
  return reasons.filter((one, at) => reasons.findIndex(({ where, text }) => where === one.where && text === one.text) === at);
};

const statementsOf = (message: Er7Message, { statements, reasons }: StatementsRead, header: Header, times: Times, authority: string, receivedAt: string): Read => {
  const person = readPerson(message, authority);
  if (!person.patient || person.reasons.length > 0 || reasons.length > 0) return [...person.reasons, ...reasons];
  return { ...baseOf(message, header, person.patient, person.flags, times, receivedAt), what: 'statements', ...stayNumbers(message), statements };
};

const ordersOf = (message: Er7Message, header: Header, times: Times, authority: string, receivedAt: string): Said | readonly Reason[] => {
  const { trigger } = header;
  const medicines = PHARMACY[trigger] !== undefined && (trigger !== 'ORM^O01' || message.segments.some(({ name }) => name === 'RXO' || name === 'RXE'));
  const tests = TEST_ORDERS.includes(trigger) && (!medicines || testOrdersIn(message, trigger).length > 0);
  return together([
    ...(medicines ? [medicinesOf(message, header, times, authority, receivedAt)] : []),
    ...(tests ? [statementsOf(message, readTestOrders(message, trigger, times.read), header, times, authority, receivedAt)] : []),
  ]);
};

const adtOf = (message: Er7Message, header: Header, trigger: Exclude<Trigger, MergeTrigger>, times: Times, authority: string, receivedAt: string): readonly Read[] => {
  const person = readPerson(message, authority);
  const reasons = [...person.reasons];
  if (!message.first('PV1') && NEEDS_VISIT.includes(trigger)) reasons.push({ code: 100, where: 'PV1', text: 'The PV1 segment is missing' });
  if (!person.patient || reasons.length > 0) return [reasons];
  const base = baseOf(message, header, person.patient, person.flags, times, receivedAt);
  const said = WORDS[trigger]({ message, base, times, stay: stayOf(message, header, times), authority, receivedAt });
  const allergies = TELL_OF_ALLERGIES.includes(trigger) ? allergiesIn(message) : [];
  return allergies.length === 0 ? [said] : [said, { ...base, what: 'statements', ...stayNumbers(message), statements: allergies }];
};

/** A swap of beds says of both only who they are; a second one without a number is left out, and flagged. */
const swapOf = (read: readonly Read[]): Said | readonly Reason[] => {
  const [first, ...others] = read;
  const known = others.filter((one) => 'what' in one);
  if (!first || !('what' in first) || known.length === others.length) return together(read);
  return bundleOf([{ ...first, flags: [...first.flags, 'second-patient-not-read'] }, ...known]);
};

const saidOf = (message: Er7Message, header: Header, trigger: Trigger, context: TranslationContext): Said | readonly Reason[] => {
  const settings = context.senders[header.sender] ?? {};
  const authority = settings.authority ?? header.sender;
  const times = timesOf(message, settings.zone, context.defaultZone);
  const { receivedAt } = context;
  const type = header.trigger;
  if (PHARMACY[type] || TEST_ORDERS.includes(type)) return ordersOf(message, header, times, authority, receivedAt);
  if (DOCUMENTS.includes(type)) return documentOf(message, header, times, authority, context);
  if (RESULTS.includes(type)) return together(personsIn(message).map((one) => statementsOf(one, readResults(one, type, times.read), header, times, authority, receivedAt)));
  if (APPOINTMENTS.includes(type)) return together(personsIn(message).map((one) => statementsOf(one, readAppointment(message, type, times.read), header, times, authority, receivedAt)));
  if (isMerge(trigger)) {
    const { merges, reasons, flags } = readMerges(message, authority);
    if (reasons.length > 0) return reasons;
    return { ...baseOf(message, header, merges[0]!.into, flags, times, receivedAt), what: 'merge', merges };
  }
  if (trigger === 'A17') return swapOf(personsIn(message).flatMap((one) => adtOf(one, header, trigger, times, authority, receivedAt)));
  return together(adtOf(message, header, trigger, times, authority, receivedAt));
};

/** What else is wrong with a message whose MSH-2 cannot be used, read as everybody writes it: never enough to take it, but a sender should learn everything at once. */
const furtherReasons = (bytes: Buffer, { where }: Reason, context: TranslationContext): readonly Reason[] => {
  if (where !== 'MSH-2') return [];
  const parsed = parseEr7(bytes, { separators: usualSeparators(headerLine(bytes, 64)) });
  if ('unreadable' in parsed) return [];
  const header = headerOf(parsed.message);
  const wrong = headerReasons(parsed.message);
  // Whether the rest of the header could be accepted is not known before its separators are.
  if (wrong.some(({ code }) => code === 200 || code === 201)) return [];
  const said = saidOf(parsed.message, header, header.trigger.split('^')[1] as Trigger, context);
  return [...wrong, ...('what' in said ? [] : said)].filter(({ code }) => code < 200);
};

/** In the character set of its header, else in its sender's: who that is stands in the header, which has to be read first. */
const parsedOf = (bytes: Buffer, { senders }: TranslationContext): Er7Result => {
  const parsed = parseEr7(bytes);
  const header = 'message' in parsed ? parsed.message : parsed.header;
  const characterSet = header && senders[headerOf(header).sender]?.characterSet;
  return characterSet ? parseEr7(bytes, { characterSet }) : parsed;
};

/** Message -> our words, or every reason why it cannot be read. Pure, and it never throws. */
export const translate = (bytes: Buffer, context: TranslationContext): Translation => {
  const parsed = parsedOf(bytes, context);
  if ('unreadable' in parsed && looksLikeAnswer(bytes)) return { kind: 'answer' };
  if ('unreadable' in parsed) return { kind: 'unreadable', header: parsed.header ? headerOf(parsed.header) : UNKNOWN_HEADER, reasons: [parsed.unreadable, ...furtherReasons(bytes, parsed.unreadable, context)] };
  const { message } = parsed;
  if (isAnswer(message)) return { kind: 'answer' };
  const header = headerOf(message);
  const notTaken = context.refused?.(header);
  const wrong = [...headerReasons(message), ...(notTaken ? [notTaken] : [])];
  if (wrong.length > 0) return { kind: 'unreadable', header, reasons: wrong };
  const said = saidOf(message, header, header.trigger.split('^')[1] as Trigger, context);
  return 'what' in said ? { kind: 'readable', header, said } : { kind: 'unreadable', header, reasons: said };
};
