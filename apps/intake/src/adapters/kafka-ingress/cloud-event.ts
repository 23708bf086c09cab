import type { BusRecord } from '@throughline/platform/bus/bus';
import { parseBody } from '@throughline/platform/http/body-parser';
import { Problem } from '@throughline/platform/http/problem';

/** Codes are those of HL7 v2 (table 0357), as everywhere in intake. */
export interface Reason {
  readonly code: number;
  readonly where?: string;
  readonly text: string;
}

/** CloudEvents 1.0, whichever way it came. */
export interface CloudEvent {
  /** What the event says of itself; empty where it does not say. */
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** As it was sent. */
  readonly time?: string;
  readonly traceparent?: string;
  readonly data: Buffer | undefined;
}

export interface RecordRead {
  /** What is kept: the event in its structured form, so that it can be read again without its headers. Else the record's value. */
  readonly raw: Buffer;
  readonly event: CloudEvent;
  /** Why it is no event that could be read. */
  readonly reasons: readonly Reason[];
}

const STRUCTURED = /^application\/cloudevents(?:\+json)?\s*(?:;|$)/i;
const JSON_MEDIA = /^(?:text|application)\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;
/** How a message travelled is no part of what it says: the same again has the same content, under whatever trace. */
const OF_THE_WAY = ['traceparent', 'tracestate'];
const LONGEST_ID = 199;
const LONGEST_SOURCE = 400;
const NOBODY: CloudEvent = { source: '', id: '', type: '', data: undefined };

const bytesOf = ({ value, raw }: Pick<BusRecord, 'value' | 'raw'>): Buffer | undefined => {
  if (raw !== undefined) return Buffer.from(raw, 'base64');
  return value === null ? undefined : Buffer.from(value, 'utf8');
};

const missing = (where: string): Reason => ({ code: 101, where, text: 'The attribute is missing' });
const tooLong = (where: string, most: number): Reason => ({ code: 102, where, text: `The attribute is longer than ${most}` });

/** All that is wrong with the attributes: a sender should learn everything at once. */
const attributeReasons = ({ source, id, type }: CloudEvent, version: unknown): readonly Reason[] => [
  ...(version === '1.0' ? [] : [{ code: 203, where: 'specversion', text: 'It is not a CloudEvent 1.0' }]),
  ...(source === '' ? [missing('source')] : source.length > LONGEST_SOURCE ? [tooLong('source', LONGEST_SOURCE)] : []),
  ...(id === '' ? [missing('id')] : id.length > LONGEST_ID ? [tooLong('id', LONGEST_ID)] : []),
  ...(type === '' ? [missing('type')] : []),
];

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '');
const optional = <K extends string>(key: K, value: unknown): { readonly [P in K]?: string } => (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { [P in K]?: string };

const eventOf = (attributes: Readonly<Record<string, unknown>>, data: Buffer | undefined): CloudEvent => ({
  source: textIn(attributes['source']), id: textIn(attributes['id']), type: textIn(attributes['type']),
  ...optional('time', attributes['time']), ...optional('traceparent', attributes['traceparent']),
  data,
});

/** A text stands for itself, whatever media type is named: HL7 v2, or JSON that was put into a string. */
const dataOf = ({ data, data_base64: encoded }: Readonly<Record<string, unknown>>): Buffer | undefined => {
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64');
  if (data === undefined || data === null) return undefined;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data), 'utf8');
};

/** JSON, or why not: by line and column, never by what stands there. */
export const jsonIn = (bytes: Buffer): { readonly value: unknown } | { readonly fault: string } => {
  try {
    return { value: parseBody(bytes) };
  } catch (error) {
    if (!(error instanceof Problem)) return { fault: 'It is not JSON' };
    return { fault: error.errors === undefined ? error.detail : 'A field holds a NUL character or half of a surrogate pair: remove it' };
  }
};

/** An event in its structured form: the value of a record, or what was kept of one. */
export const readStructured = (raw: Buffer): RecordRead => {
  const json = jsonIn(raw);
  if ('fault' in json) return { raw, event: NOBODY, reasons: [{ code: 102, where: 'value', text: json.fault }] };
  const { value } = json;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { raw, event: NOBODY, reasons: [{ code: 102, where: 'value', text: 'It is not a JSON object' }] };
  const attributes = value as Readonly<Record<string, unknown>>;
  const event = eventOf(attributes, dataOf(attributes));
  return { raw, event, reasons: attributeReasons(event, attributes['specversion']) };
};

/** The structured form of an event that came in the binary mode, its data to the byte. */
const structured = (attributes: Readonly<Record<string, string>>, data: Buffer | undefined): Buffer => {
  const kept = Object.fromEntries(Object.entries(attributes).filter(([name]) => !OF_THE_WAY.includes(name)).sort(([a], [b]) => (a < b ? -1 : 1)));
  const head = JSON.stringify(kept);
  if (data === undefined) return Buffer.from(head);
  const media = attributes['datacontenttype'];
  const asJson = (media === undefined || JSON_MEDIA.test(media)) && data.length > 0 && 'value' in jsonIn(data);
  const open = head === '{}' ? '{' : `${head.slice(0, -1)},`;
  if (!asJson) return Buffer.from(`${open}"data_base64":"${data.toString('base64')}"}`);
  return Buffer.concat([Buffer.from(`${open}"data":`), data, Buffer.from('}')]);
};

const readBinary = (record: BusRecord, media: string | undefined): RecordRead => {
  const attributes = Object.fromEntries(Object.entries(record.headers).flatMap(([name, value]) => (/^ce_[a-z0-9]+$/.test(name) ? [[name.slice(3), value] as const] : [])));
  const data = bytesOf(record);
  if (Object.keys(attributes).length === 0) {
    return { raw: data ?? Buffer.alloc(0), event: NOBODY, reasons: [{ code: 100, where: 'headers', text: 'It is not a CloudEvent: send ce_ headers, or application/cloudevents+json' }] };
  }
  const traceparent = record.headers['traceparent'];
  const event = eventOf({ ...(traceparent === undefined ? {} : { traceparent }), ...attributes }, data);
  const raw = structured({ ...attributes, ...(media === undefined ? {} : { datacontenttype: media }) }, data);
  return { raw, event, reasons: attributeReasons(event, attributes['specversion']) };
};

/** A record as a CloudEvent, in Kafka's binary or structured mode (CloudEvents, Kafka protocol binding 3). */
export const readRecord = (record: BusRecord): RecordRead => {
  const media = Object.entries(record.headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  if (media !== undefined && STRUCTURED.test(media)) return readStructured(bytesOf(record) ?? Buffer.alloc(0));
  return readBinary(record, media);
};
