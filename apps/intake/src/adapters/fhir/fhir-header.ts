import { entryFor, part, parts, text, type Json } from './json-values.js';

/** What is kept beside a message, readable or not. */
export interface FhirHeader {
  readonly sender: string;
  readonly controlId: string;
  /** `Bundle/message/notification-admit`, `Bundle/transaction`, `Encounter`. */
  readonly trigger: string;
}

/** What is known of a sender beforehand. */
export interface FhirSender {
  readonly zone?: string | undefined;
  readonly authority?: string | undefined;
  /** Which giver a `system`, or the address of a server, stands for: so a number is the same one as in HL7 v2. */
  readonly authorities?: Readonly<Record<string, string>> | undefined;
}

const MAX_CONTROL_ID = 199;

/** Goes into lists and logs, so nothing but a code. */
const coded = (word: string): string => (/^[\w-]{1,64}$/.test(word) ? word : '?');

export const messageHeader = (resource: Json): Json | undefined => {
  const first = part(parts(resource, 'entry')[0], 'resource');
  return text(resource, 'type') === 'message' && text(first, 'resourceType') === 'MessageHeader' ? first : undefined;
};

export const eventOf = (header: Json | undefined): string => text(part(header, 'eventCoding'), 'code') || text(header, 'eventUri').split('/').at(-1)!;

/** A source that the settings know by its name or endpoint; whoever called, else. */
const senderOf = (header: Json | undefined, caller: string, senders: Readonly<Record<string, FhirSender>>): string => {
  const source = part(header, 'source');
  return [text(source, 'name'), text(source, 'endpoint')].find((name) => name !== '' && entryFor(senders, name) !== undefined) ?? caller;
};

const triggerOf = (resource: Json): string => {
  const type = coded(text(resource, 'resourceType'));
  if (type !== 'Bundle') return type;
  const header = messageHeader(resource);
  return ['Bundle', coded(text(resource, 'type')), ...(header ? [coded(eventOf(header))] : [])].join('/');
};

const controlIdOf = (resource: Json): string => {
  const [id, version] = [text(resource, 'id'), text(part(resource, 'meta'), 'versionId')];
  const type = text(resource, 'resourceType');
  if (type === 'Bundle') return text(part(resource, 'identifier'), 'value') || id || text(messageHeader(resource), 'id');
  return id === '' ? '' : `${type}/${id}${version === '' ? '' : `/_history/${version}`}`;
};

export const fhirHeader = (resource: Json, caller: string, senders: Readonly<Record<string, FhirSender>>): FhirHeader => ({
  sender: senderOf(messageHeader(resource), caller, senders),
  controlId: controlIdOf(resource).slice(0, MAX_CONTROL_ID),
  trigger: triggerOf(resource),
});
