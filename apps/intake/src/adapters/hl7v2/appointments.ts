import type { FieldsOf, StatementSaid } from '../../domain/statement.js';
import { codedOf, entityOf, plain, saysSomething } from './coded.js';
import type { Er7Message, Segment } from './er7.js';
import type { Times } from './message-times.js';
import { said } from './said-parts.js';
import type { StatementsRead } from './statements-read.js';

type Appointment = FieldsOf<'appointment'>;
type Status = Appointment['status'];

/** What each event of a calendar says of the appointment (HL7 v2.5.1, 10.4). S20 to S22 take a service out of one that stands. Blocked slots (S23, S24) are nobody's. */
const EVENTS: Readonly<Record<string, Status>> = {
  'SIU^S12': 'booked', 'SIU^S13': 'booked', 'SIU^S14': 'booked', 'SIU^S15': 'cancelled', 'SIU^S16': 'cancelled', 'SIU^S17': 'cancelled',
  'SIU^S18': 'booked', 'SIU^S19': 'booked', 'SIU^S20': 'booked', 'SIU^S21': 'booked', 'SIU^S22': 'booked', 'SIU^S26': 'missed',
};
export const APPOINTMENTS: readonly string[] = Object.keys(EVENTS);
/** It was entered in error. */
const DELETES = 'SIU^S17';

/** Filler status, HL7 table 0278, and what calendars write there besides. */
const STATUSES: Readonly<Record<string, Status>> = {
  BOOKED: 'booked', OVERBOOK: 'booked', SCHEDULED: 'booked', CONFIRMED: 'booked', PENDING: 'proposed', WAITLIST: 'proposed',
  STARTED: 'arrived', ARRIVED: 'arrived', CHECKEDIN: 'arrived', COMPLETE: 'kept', COMPLETED: 'kept', NOSHOW: 'missed',
  CANCELLED: 'cancelled', CANCELED: 'cancelled', DC: 'cancelled', DISCONTINUED: 'cancelled', DELETED: 'cancelled',
};

const filler = (sch: Segment): string => plain(sch.text(25)).toUpperCase().replace(/[^A-Z]/g, '');

/** An event that ends the appointment says so for good; else SCH-25 knows better how far it has come. */
const statusOf = (sch: Segment, type: string): Status => {
  const event = EVENTS[type] ?? 'unknown';
  return event === 'booked' ? (STATUSES[filler(sch)] ?? event) : event;
};

const UNITS: readonly (readonly [RegExp, number])[] = [[/^(m|min|mins|minutes?)$/i, 60_000], [/^(s|sec|secs|seconds?)$/i, 1_000], [/^(h|hr|hrs|hours?)$/i, 3_600_000]];
const LONGEST_MS = 7 * 24 * 3_600_000;

/** Without a unit it is no duration. */
const durationOf = (segment: Segment, field: number): number | undefined => {
  const unit = UNITS.find(([words]) => words.test(plain(segment.text(field + 1))))?.[1];
  const length = Number(plain(segment.text(field)) || Number.NaN) * (unit ?? Number.NaN);
  return length > 0 && length <= LONGEST_MS ? length : undefined;
};

interface Span {
  readonly startsAt?: string;
  readonly endsAt?: string;
}

const spanOf = (startsAt: string | undefined, endsAt: string | undefined, duration: number | undefined): Span | undefined => {
  if (startsAt === undefined) return undefined;
  if (endsAt !== undefined && endsAt > startsAt) return { startsAt, endsAt };
  return { startsAt, ...(duration === undefined ? {} : { endsAt: new Date(Date.parse(startsAt) + duration).toISOString() }) };
};

/** Start and duration in the segments of what is booked. */
const BOOKED_PARTS = [['AIS', 4, 7], ['AIP', 6, 9], ['AIL', 6, 9], ['AIG', 8, 11]] as const;

/** TQ1 (since 2.5), else SCH-11, else what the first booked part that has a time says. */
const spanIn = (message: Er7Message, sch: Segment, read: Times['read']): Span => {
  const tq1 = message.first('TQ1');
  const whole = durationOf(sch, 9);
  const candidates = [
    spanOf(read(tq1, 7)?.instant, read(tq1, 8)?.instant, whole),
    spanOf(read(sch, 11, 4)?.instant, read(sch, 11, 5)?.instant, whole),
    ...BOOKED_PARTS.flatMap(([name, start, duration]) => message.all(name).map((part) => spanOf(read(part, start)?.instant, undefined, whole ?? durationOf(part, duration)))),
  ];
  return candidates.find((span) => span !== undefined) ?? {};
};

const MOST_WORDS = 1_000;
const together = (words: readonly string[]): string => [...new Set(words)].filter((one) => one !== '').join('; ').slice(0, MOST_WORDS);

/** PL: its description, else ward, room and bed with the facility. */
const placeOf = (ail: Segment): string => {
  const part = (component: number): string => plain(ail.text(3, component));
  const within = [part(1), part(2), part(3)].filter((one) => one !== '').join(' ');
  return part(9) || [within, part(4)].filter((one) => one !== '').join(', ');
};

/** XCN: as one would say it; where there is only a number, nothing. */
const personIn = (aip: Segment): string => [plain(aip.text(3, 3)), plain(aip.text(3, 2))].filter((one) => one !== '').join(' ');

/** Table 0277 says how firmly it is booked, not what for. */
const NO_KIND: readonly string[] = ['NORMAL', 'TENTATIVE', 'COMPLETE'];

const kindOf = (message: Er7Message, sch: Segment): Appointment['kind'] => {
  const services = message.all('AIS').map((ais) => codedOf(ais, 3));
  const [kind] = [codedOf(sch, 8), ...services].filter((one) => saysSomething(one) && !NO_KIND.includes((one.code ?? '').toUpperCase()));
  return kind;
};

/** An appointment in the sender's own calendar. SCH-6 is why the message was sent, not why the patient comes. */
export const readAppointment = (message: Er7Message, type: string, read: Times['read']): StatementsRead => {
  const sch = message.first('SCH');
  if (!sch) return { statements: [], reasons: [{ code: 100, where: 'SCH', text: 'The SCH segment is missing' }] };
  const reason = codedOf(sch, 7);
  const says: Appointment = {
    status: statusOf(sch, type),
    ...said('kind', kindOf(message, sch)),
    ...(saysSomething(reason) ? { reason } : {}),
    ...spanIn(message, sch, read),
    ...said('place', together(message.all('AIL').map(placeOf))),
    ...said('with', together(message.all('AIP').map(personIn)) || together(message.all('AIG').map((aig) => plain(aig.text(3, 2))))),
  };
  const withdrawn = type === DELETES || filler(sch) === 'DELETED';
  const statement: StatementSaid = { kind: 'appointment', ...said('number', entityOf(sch, 1) || entityOf(sch, 2)), ...(withdrawn ? { withdrawn } : {}), says };
  return { statements: [statement], reasons: [] };
};
