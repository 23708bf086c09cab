import type { MergeSaid, Said, Source, StaySaid } from '../../domain/said.js';
import { DOCUMENTS, readDocument } from './documents.js';
import { headerBytes, parseEr7, usualSeparators, type Er7Message, type Reason, type Segment } from './er7.js';
import { headerOf, headerReasons, isAnswer, looksLikeAnswer, UNKNOWN_HEADER, type Header, type Trigger } from './header.js';
import { offsetOf, readTime, type Hl7Time } from './hl7-time.js';
import { PHARMACY, readMedicines } from './medicines.js';
import type { SenderSettings } from './sender-settings.js';
import { identifiersOf, readPerson, readPid, stayNumberOf, type PersonRead } from './person-segments.js';

export interface TranslationContext {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly defaultZone: string;
  /** By `sending application|sending facility`. */
  readonly senders: Readonly<Record<string, SenderSettings>>;
  /** Why the message is not taken from its sender, if so. Absent: from everybody. */
  readonly refused?: (header: Header) => Reason | undefined;
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

interface Times {
  readonly zone: string;
  readonly read: (segment: Segment | undefined, field: number, component?: number) => Hl7Time | undefined;
  readonly flags: readonly string[];
}

const TIMED = [['EVN', 2], ['EVN', 6], ['PV1', 44], ['PV1', 45]] as const;

/** A zone set for the sender, else the offset in MSH-7 (which speaks for the whole message), else the default. */
const timesOf = (message: Er7Message, settings: SenderSettings, context: TranslationContext): Times => {
  const msh = message.first('MSH')!;
  const zone = settings.zone ?? context.defaultZone;
  const assumed = settings.zone ?? offsetOf(msh.text(7)) ?? context.defaultZone;
  const read: Times['read'] = (segment, field, component = 1) => (segment ? readTime(segment.text(field, component), assumed) : undefined);
  const unreadable = TIMED.filter(([name, field]) => {
    const segment = message.first(name);
    return segment !== undefined && !['', '""'].includes(segment.text(field)) && read(segment, field) === undefined;
  });
  return { zone, read, flags: unreadable.map(([name, field]) => `time-unreadable-${name}-${field}`) };
};

/** The first of these that has a readable time. */
const firstTime = (candidates: readonly (readonly [Source, Hl7Time | undefined])[], receivedAt: string): { at: string; source: Source; time?: Hl7Time } => {
  for (const [source, time] of candidates) if (time) return { at: time.instant, source, time };
  return { at: receivedAt, source: 'received' };
};

/** PL-4 of the location is the facility; else who the event or the message came from. */
const facilityOf = (message: Er7Message, header: Header): StaySaid['facility'] => {
  const pv1 = message.first('PV1');
  const named = message.first('PV2')?.text(23) ?? '';
  const code = pv1?.text(3, 4) || message.first('EVN')?.text(7) || message.first('MSH')!.text(4) || header.sender;
  return named === '' ? { code } : { code, name: named };
};

const MAX_DIAGNOSES = 200;

const diagnosesOf = (message: Er7Message): StaySaid['diagnoses'] =>
  message.all('DG1').slice(0, MAX_DIAGNOSES).flatMap((dg1) => {
    // Before 2.7 some senders put the code's system in DG1-2 and the words in DG1-4.
    const code = dg1.text(3) || dg1.text(4);
    if (code === '' || code === '""') return [];
    const system = dg1.text(3, 3) || dg1.text(2);
    const display = dg1.text(3, 2) || dg1.text(4);
    return [{ code, ...(system === '' ? {} : { system }), ...(display === '' ? {} : { display }) }];
  });

const optional = <K extends string>(key: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined || value === '' || value === '""' ? {} : { [key]: value }) as { [P in K]?: string };

const stayOf = (message: Er7Message, header: Header, times: Times): StaySaid => {
  const pv1 = message.first('PV1');
  const pid = message.first('PID')!;
  const visit = pv1 && stayNumberOf(pv1, 19);
  const account = stayNumberOf(pid, 18);
  return {
    ...(visit ? { visit } : {}),
    ...(account ? { account } : {}),
    ...optional('encounterClass', pv1?.text(2)),
    facility: facilityOf(message, header),
    zone: times.zone,
    ...optional('admittedAt', times.read(pv1, 44)?.instant),
    diagnoses: diagnosesOf(message),
    ...optional('disposition', pv1?.text(36)),
    ...optional('destination', pv1?.text(37)),
  };
};

type Base = Pick<Said, 'sender' | 'controlId' | 'receivedAt' | 'patient' | 'at' | 'atSource' | 'flags'>;

/** Everything that a trigger's words are made of. */
interface Read {
  readonly message: Er7Message;
  readonly base: Base;
  readonly times: Times;
  readonly stay: StaySaid;
  readonly authority: string;
  readonly receivedAt: string;
}

const discharged = ({ message, base, times, stay, receivedAt }: Read): Said => {
  const [evn, pv1] = [message.first('EVN'), message.first('PV1')];
  const gone = firstTime(
    [['PV1-45', times.read(pv1, 45)], ['EVN-6', times.read(evn, 6)], ['EVN-2', times.read(evn, 2)], ['MSH-7', times.read(message.first('MSH'), 7)]],
    receivedAt,
  );
  const rough = gone.time?.precision === 'day' ? ['discharge-time-is-a-day'] : [];
  return { ...base, flags: [...base.flags, ...rough], what: 'discharge', stay, discharge: { at: gone.at, source: gone.source } };
};

const dischargeCancelled = ({ message, base, times, stay }: Read): Said => {
  const cancels = times.read(message.first('EVN'), 6)?.instant ?? times.read(message.first('PV1'), 45)?.instant;
  return { ...base, what: 'cancel-discharge', stay, ...(cancels === undefined ? {} : { cancels }) };
};

const dischargePlanned = ({ message, base, times, stay }: Read): Said => {
  const expected = times.read(message.first('PV2'), 9) ?? times.read(message.first('EVN'), 3);
  return { ...base, what: 'plan-discharge', stay, ...(expected === undefined ? {} : { expectedAt: expected.instant }) };
};

/** Numbers alone: where a stay is taken back, what else the message says of it (a ward, a class) holds for nothing. */
const numbersOf = ({ visit, account, admittedAt, facility, zone }: StaySaid): StaySaid => ({
  ...(visit ? { visit } : {}), ...(account ? { account } : {}), ...(admittedAt === undefined ? {} : { admittedAt }), facility, zone, diagnoses: [],
});

/** HL7 table 0004 and FHIR: a visit to the emergency department. */
const EMERGENCY = ['E', 'EMER'];

/**
 * A registration says that somebody is here only in the emergency department; else it announces a visit, and one without a
 * number of its own is not kept as a stay: nothing later could be told to be about it.
 */
const registered = ({ base, stay }: Read): Said => {
  if (EMERGENCY.includes((stay.encounterClass ?? '').toUpperCase())) return { ...base, what: 'admission', stay };
  return { ...base, what: 'update', ...(stay.visit || stay.account ? { stay } : {}) };
};

/** The time in an announced admission is when it is expected. */
const announced = ({ base, stay: { admittedAt: _expected, ...stay } }: Read): Said => ({ ...base, what: 'update', ...(stay.visit || stay.account ? { stay } : {}) });

const stayMoved = ({ message, base, stay, authority }: Read): Said => {
  const mrg = message.first('MRG');
  const visit = mrg && stayNumberOf(mrg, 5);
  return { ...base, what: 'move-stay', stay, from: mrg ? identifiersOf(mrg, 1, authority) : [], ...(visit ? { visit } : {}) };
};

const withStay = ({ message, base, stay }: Read): Said => ({ ...base, what: 'update', ...(message.first('PV1') ? { stay } : {}) });
const ofThePerson = ({ base }: Read): Said => ({ ...base, what: 'update' });
const inHospital = ({ base, stay }: Read): Said => ({ ...base, what: 'admission', stay });
const stayCancelled = ({ base, stay }: Read): Said => ({ ...base, what: 'cancel-stay', stay: numbersOf(stay) });
const planCancelled = ({ base, stay }: Read): Said => ({ ...base, what: 'cancel-plan', stay });

/** What each trigger says (HL7 v2.5.1, 3.3), in our words. Merges are read apart: they are about more than one person. */
const WORDS: Readonly<Record<Exclude<Trigger, MergeTrigger>, (read: Read) => Said>> = {
  A01: inHospital, A02: inHospital, A06: inHospital,
  A03: discharged, A13: dischargeCancelled,
  A04: registered, A05: announced, A14: announced,
  A07: withStay, A08: withStay, A12: withStay, A15: withStay, A26: withStay, A60: withStay,
  A11: stayCancelled, A23: stayCancelled,
  A16: dischargePlanned, A25: planCancelled,
  A17: ofThePerson, A27: ofThePerson, A28: ofThePerson, A31: ofThePerson,
  A29: ({ base }) => ({ ...base, flags: [...base.flags, 'deleted-by-sender'], what: 'update' }),
  A45: stayMoved,
};

const MERGES = ['A18', 'A34', 'A40', 'A47'] as const satisfies readonly Trigger[];
type MergeTrigger = (typeof MERGES)[number];
const isMerge = (trigger: Trigger): trigger is MergeTrigger => (MERGES as readonly string[]).includes(trigger);

/** Each PID with the MRG that follows it. */
const pairsOf = (message: Er7Message): readonly { readonly pid: Segment; readonly mrg?: Segment }[] => {
  const pairs: { pid: Segment; mrg?: Segment }[] = [];
  for (const segment of message.segments) {
    if (segment.name === 'PID') pairs.push({ pid: segment });
    const last = pairs.at(-1);
    if (segment.name === 'MRG' && last) last.mrg ??= segment;
  }
  return pairs;
};

interface MergesRead {
  readonly merges: readonly MergeSaid[];
  readonly reasons: readonly Reason[];
  readonly flags: readonly string[];
}

const readMerges = (message: Er7Message, authority: string): MergesRead => {
  const pairs = pairsOf(message);
  if (pairs.length === 0) return { merges: [], reasons: readPerson(message, authority).reasons, flags: [] };
  if (pairs.every(({ mrg }) => mrg === undefined)) return { merges: [], reasons: [{ code: 100, where: 'MRG', text: 'The MRG segment is missing' }], flags: [] };
  const read = pairs.flatMap(({ pid, mrg }): readonly (PersonRead & { retired: MergeSaid['retired'] })[] =>
    mrg ? [{ ...readPid(pid, authority), retired: identifiersOf(mrg, 1, authority) }] : [],
  );
  const nobody: readonly Reason[] = read.some(({ retired }) => retired.length === 0) ? [{ code: 101, where: 'MRG-1', text: 'No number that says whose record is taken over' }] : [];
  return {
    merges: read.flatMap(({ patient, retired }) => (patient ? [{ into: patient, retired }] : [])),
    reasons: [...read.flatMap(({ reasons }) => reasons), ...nobody],
    flags: [...read.flatMap(({ flags }) => flags), ...(read.length < pairs.length ? ['pid-without-mrg'] : [])],
  };
};

/** The one that an A17 names first: a swap of beds says nothing that is kept of either. */
const firstPerson = (message: Er7Message, authority: string): PersonRead => {
  const pid = message.first('PID');
  if (!pid) return readPerson(message, authority);
  const read = readPid(pid, authority);
  return { ...read, flags: [...read.flags, 'second-patient-not-read'] };
};

const baseOf = (message: Er7Message, header: Header, patient: Base['patient'], personFlags: readonly string[], times: Times, receivedAt: string): Base => {
  const evn = message.first('EVN');
  const sent = times.read(message.first('MSH'), 7);
  const written = firstTime([['EVN-2', times.read(evn, 2)], ['MSH-7', sent], ['EVN-6', times.read(evn, 6)]], receivedAt);
  return {
    sender: header.sender, controlId: header.controlId, receivedAt, patient, at: written.at, atSource: written.source,
    flags: [...message.quirks, ...personFlags, ...times.flags],
  };
};

/** The stay that a medicine or a document belongs to, where the message names one. */
const stayNumbers = (message: Er7Message): { readonly stay?: Pick<StaySaid, 'visit' | 'account'> } => {
  const [pid, pv1] = [message.first('PID')!, message.first('PV1')];
  const [visit, account] = [pv1 && stayNumberOf(pv1, 19), stayNumberOf(pid, 18)];
  return visit || account ? { stay: { ...(visit ? { visit } : {}), ...(account ? { account } : {}) } } : {};
};

const medicinesOf = (message: Er7Message, header: Header, times: Times, authority: string, receivedAt: string): Said | readonly Reason[] => {
  const person = readPerson(message, authority);
  const { lines, reasons, flags } = readMedicines(message, header.trigger, times.read);
  if (!person.patient || person.reasons.length > 0 || reasons.length > 0) return [...person.reasons, ...reasons];
  const [prescription, ...more] = lines;
  const base = baseOf(message, header, person.patient, [...person.flags, ...flags], times, receivedAt);
  return { ...base, what: 'prescription', ...stayNumbers(message), prescription: prescription!, ...(more.length > 0 ? { more } : {}) };
};

const documentOf = (message: Er7Message, header: Header, times: Times, authority: string, receivedAt: string): Said | readonly Reason[] => {
  const person = readPerson(message, authority);
  const read = readDocument(message, header.trigger, times.read);
  if (!person.patient || person.reasons.length > 0 || 'reasons' in read) return [...person.reasons, ...('reasons' in read ? read.reasons : [])];
  return { ...baseOf(message, header, person.patient, person.flags, times, receivedAt), what: 'document', ...stayNumbers(message), document: read.document };
};

const saidOf = (message: Er7Message, header: Header, trigger: Trigger, context: TranslationContext): Said | readonly Reason[] => {
  const settings = context.senders[header.sender] ?? {};
  const authority = settings.authority ?? header.sender;
  const times = timesOf(message, settings, context);
  const { receivedAt } = context;
  if (PHARMACY[header.trigger]) return medicinesOf(message, header, times, authority, receivedAt);
  if (DOCUMENTS.includes(header.trigger)) return documentOf(message, header, times, authority, receivedAt);
  if (isMerge(trigger)) {
    const { merges, reasons, flags } = readMerges(message, authority);
    if (reasons.length > 0) return reasons;
    return { ...baseOf(message, header, merges[0]!.into, flags, times, receivedAt), what: 'merge', merges };
  }
  const person = trigger === 'A17' ? firstPerson(message, authority) : readPerson(message, authority);
  const reasons = [...person.reasons];
  if (!message.first('PV1') && NEEDS_VISIT.includes(trigger)) reasons.push({ code: 100, where: 'PV1', text: 'The PV1 segment is missing' });
  if (!person.patient || reasons.length > 0) return reasons;
  const base = baseOf(message, header, person.patient, person.flags, times, receivedAt);
  return WORDS[trigger]({ message, base, times, stay: stayOf(message, header, times), authority, receivedAt });
};

/** What else is wrong with a message whose MSH-2 cannot be used, read as everybody writes it: never enough to take it, but a sender should learn everything at once. */
const furtherReasons = (bytes: Buffer, { where }: Reason, context: TranslationContext): readonly Reason[] => {
  if (where !== 'MSH-2') return [];
  const parsed = parseEr7(bytes, usualSeparators(headerBytes(bytes).subarray(0, 64).toString('latin1')));
  if ('unreadable' in parsed) return [];
  const header = headerOf(parsed.message);
  const wrong = headerReasons(parsed.message);
  // Whether the rest of the header could be accepted is not known before its separators are.
  if (wrong.some(({ code }) => code === 200 || code === 201)) return [];
  const said = saidOf(parsed.message, header, header.trigger.split('^')[1] as Trigger, context);
  return [...wrong, ...('what' in said ? [] : said)].filter(({ code }) => code < 200);
};

/** Message -> our words, or every reason why it cannot be read. Pure, and it never throws. */
export const translate = (bytes: Buffer, context: TranslationContext): Translation => {
  const parsed = parseEr7(bytes);
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
