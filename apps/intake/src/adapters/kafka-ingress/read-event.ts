import { INGRESS_TYPES, type IngressType } from '@throughline/contracts/ingress';
import type { BusRecord } from '@throughline/platform/bus/bus';
import type { Arrival } from '../../application/ports.js';
import type { Said } from '../../domain/said.js';
import { jsonIn, readRecord, readStructured, type CloudEvent, type Reason, type RecordRead } from './cloud-event.js';

type BodyKind = 'discharge' | 'prescription' | 'referral';
const MESSAGES = ['hl7v2', 'fhir', 'ccda'] as const;
type MessageKind = (typeof MESSAGES)[number];

export interface EventSender {
  readonly sender: string;
  readonly controlId: string;
  readonly receivedAt: string;
}

/** Who reads what stands in an event: the readings of the other doors, which the module hands in. */
export interface EventReaders {
  readonly body: (kind: BodyKind, value: unknown, from: EventSender) => Promise<{ readonly said: Said } | { readonly reasons: readonly Reason[] }>;
  /** Of whole messages in a form of their own, by the name that their type bears. */
  readonly message: Readonly<Record<MessageKind, (raw: Buffer, from: EventSender) => Arrival | Promise<Arrival>>>;
  /** Why nothing is taken from this source, if so. */
  readonly refused: (source: string) => Reason | undefined;
}

export interface EventRead {
  readonly event: CloudEvent;
  readonly arrival: Arrival;
}

/** Where nobody says who sent it. */
const UNKNOWN_SENDER = '?';
const MOST_REASONS = 20;
const NO_DATA: Reason = { code: 101, where: 'data', text: 'The event has no data' };
const NOT_UNDERSTOOD: Reason = { code: 207, text: 'The event is kept and could not be read here; the receiver has to look at it' };
const NOT_TAKEN: Reason = { code: 200, where: 'type', text: `This type is not taken; taken are ${Object.keys(INGRESS_TYPES).join(', ')}` };
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const isTaken = (type: string): type is IngressType => Object.hasOwn(INGRESS_TYPES, type);
/** Type as it goes into lists and logs: nothing but a code. */
const triggerOf = (type: string): string => (isTaken(type) ? type.split('.')[2]! : '');

const isMessage = (kind: string): kind is MessageKind => (MESSAGES as readonly string[]).includes(kind);

/** As with HL7 v2: 200 to 203 and our own troubles are rejections, the rest is for the sender to correct. */
const unreadable = (reasons: readonly Reason[]): Arrival['content'] => ({
  answer: reasons.some(({ code }) => code >= 200 && code !== 204) ? 'AR' : 'AE',
  reasons: reasons.slice(0, MOST_REASONS),
});

/** The sender's own word on when it was, where it is one: facts are ordered by it, and the order of arrival decides between equals. */
const stamped = (said: Said, { time }: CloudEvent): Said =>
  time === undefined || !INSTANT.test(time) || Number.isNaN(Date.parse(time)) ? said : { ...said, at: new Date(time).toISOString(), atSource: 'timestamp' };

export interface EventReading {
  readonly record: (record: BusRecord, receivedAt: string) => Promise<EventRead>;
  /** What was kept of an event in quarantine. */
  readonly again: (kept: Pick<Arrival, 'raw' | 'receivedAt'>) => Promise<Arrival>;
}

/** @param readers what is in the event is theirs to read; a defect of theirs is not the sender's affair, and the event is kept */
export const readEvents = (readers: EventReaders): EventReading => {
  const content = async (kind: BodyKind, data: Buffer, event: CloudEvent, from: EventSender): Promise<Arrival['content']> => {
    const json = jsonIn(data);
    if ('fault' in json) return unreadable([{ code: 102, where: 'data', text: json.fault }]);
    const read = await readers.body(kind, json.value, from);
    return 'said' in read ? { said: stamped(read.said, event) } : unreadable(read.reasons);
  };

  const arrivalOf = async ({ raw, event, reasons }: RecordRead, receivedAt: string): Promise<Arrival> => {
    const from: EventSender = { sender: event.source || UNKNOWN_SENDER, controlId: event.id, receivedAt };
    const own = (of: Arrival['content']): Arrival => ({ protocol: 'cloudevents', raw, sender: from.sender, controlId: from.controlId, trigger: triggerOf(event.type), receivedAt, content: of });
    const notTaken = event.type === '' || isTaken(event.type) ? undefined : NOT_TAKEN;
    const refused = reasons.length > 0 ? undefined : readers.refused(event.source);
    const all = [...reasons, ...[notTaken, refused].filter((one) => one !== undefined)];
    if (all.length > 0) return own(unreadable(all));
    if (event.data === undefined || event.data.length === 0) return own(unreadable([NO_DATA]));
    try {
      const kind = triggerOf(event.type);
      return isMessage(kind) ? await readers.message[kind](event.data, from) : own(await content(kind as BodyKind, event.data, event, from));
    } catch {
      return own(unreadable([NOT_UNDERSTOOD]));
    }
  };

  return {
    record: async (record, receivedAt) => {
      const read = readRecord(record);
      const { traceparent = '' } = read.event;
      const arrival = await arrivalOf(read, receivedAt);
      return { event: read.event, arrival: TRACEPARENT.test(traceparent) ? { ...arrival, traceparent } : arrival };
    },
    again: ({ raw, receivedAt }) => arrivalOf(readStructured(Buffer.from(raw)), receivedAt),
  };
};
