import type { Said, Source, StaySaid } from '../../domain/said.js';
import { parseEr7, type Er7Message, type Reason, type Segment } from './er7.js';
import { headerOf, headerReasons, isAnswer, looksLikeAnswer, UNKNOWN_HEADER, type Header, type Trigger } from './header.js';
import { offsetOf, readTime, type Hl7Time } from './hl7-time.js';
import { readPerson, stayNumberOf } from './person-segments.js';

/** What we know of a sender beforehand (`THROUGHLINE_SENDERS`). */
export interface SenderSettings {
  /** IANA zone of its local times and of its facilities. */
  readonly zone?: string | undefined;
  /** Who gives its numbers when the message does not say. */
  readonly authority?: string | undefined;
}

export interface TranslationContext {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly defaultZone: string;
  /** By `sending application|sending facility`. */
  readonly senders: Readonly<Record<string, SenderSettings>>;
}

export type Translation =
  | { readonly kind: 'readable'; readonly header: Header; readonly said: Said }
  | { readonly kind: 'unreadable'; readonly header: Header; readonly reasons: readonly Reason[] }
  /** An acknowledgement: never stored, never answered. */
  | { readonly kind: 'answer' };

/** A08, A28 and A31 may come without a visit; these may not. */
const NEEDS_VISIT: readonly string[] = ['A01', 'A03', 'A04', 'A05', 'A13'] satisfies readonly Trigger[];

interface Times {
  readonly zone: string;
  readonly read: (segment: Segment | undefined, field: number) => Hl7Time | undefined;
  readonly flags: readonly string[];
}

const TIMED = [['EVN', 2], ['EVN', 6], ['PV1', 44], ['PV1', 45]] as const;

/** A zone set for the sender, else the offset in MSH-7 (which speaks for the whole message), else the default. */
const timesOf = (message: Er7Message, settings: SenderSettings, context: TranslationContext): Times => {
  const msh = message.first('MSH')!;
  const zone = settings.zone ?? context.defaultZone;
  const assumed = settings.zone ?? offsetOf(msh.text(7)) ?? context.defaultZone;
  const read: Times['read'] = (segment, field) => (segment ? readTime(segment.text(field), assumed) : undefined);
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

const saidOf = (message: Er7Message, header: Header, trigger: Trigger, context: TranslationContext): Said | readonly Reason[] => {
  const settings = context.senders[header.sender] ?? {};
  const authority = settings.authority ?? header.sender;
  const person = readPerson(message, authority);
  const pv1 = message.first('PV1');
  const reasons = [...person.reasons];
  if (!pv1 && NEEDS_VISIT.includes(trigger)) reasons.push({ code: 100, where: 'PV1', text: 'The PV1 segment is missing' });
  if (!person.patient || reasons.length > 0) return reasons;

  const times = timesOf(message, settings, context);
  const evn = message.first('EVN');
  const recorded = times.read(evn, 2);
  const occurred = times.read(evn, 6);
  const left = times.read(pv1, 45);
  const sent = times.read(message.first('MSH'), 7);
  const written = firstTime([['EVN-2', recorded], ['MSH-7', sent], ['EVN-6', occurred]], context.receivedAt);
  const base = {
    sender: header.sender, controlId: header.controlId, receivedAt: context.receivedAt, patient: person.patient,
    at: written.at, atSource: written.source,
  };
  const flags = [...message.quirks, ...person.flags, ...times.flags];
  const stay = stayOf(message, header, times);
  switch (trigger) {
    case 'A01':
      return { ...base, flags, what: 'admission', stay };
    case 'A03': {
      const gone = firstTime([['PV1-45', left], ['EVN-6', occurred], ['EVN-2', recorded], ['MSH-7', sent]], context.receivedAt);
      const rough = gone.time?.precision === 'day' ? ['discharge-time-is-a-day'] : [];
      return { ...base, flags: [...flags, ...rough], what: 'discharge', stay, discharge: { at: gone.at, source: gone.source } };
    }
    case 'A13': {
      const cancels = occurred?.instant ?? left?.instant;
      return { ...base, flags, what: 'cancel-discharge', stay, ...(cancels === undefined ? {} : { cancels }) };
    }
    case 'A08':
      return { ...base, flags, what: 'update', ...(pv1 ? { stay } : {}) };
    default:
      return { ...base, flags, what: 'update' };
  }
};

/** Message -> our words, or every reason why it cannot be read. Pure, and it never throws. */
export const translate = (bytes: Buffer, context: TranslationContext): Translation => {
  const parsed = parseEr7(bytes);
  if ('unreadable' in parsed && looksLikeAnswer(bytes)) return { kind: 'answer' };
  if ('unreadable' in parsed) return { kind: 'unreadable', header: parsed.header ? headerOf(parsed.header) : UNKNOWN_HEADER, reasons: [parsed.unreadable] };
  const { message } = parsed;
  if (isAnswer(message)) return { kind: 'answer' };
  const header = headerOf(message);
  const wrong = headerReasons(message);
  if (wrong.length > 0) return { kind: 'unreadable', header, reasons: wrong };
  const said = saidOf(message, header, header.trigger.split('^')[1] as Trigger, context);
  return 'what' in said ? { kind: 'readable', header, said } : { kind: 'unreadable', header, reasons: said };
};
