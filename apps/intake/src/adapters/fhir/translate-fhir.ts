import type { PatientSaid, Said } from '../../domain/said.js';
import { assemble } from './assemble-said.js';
import { entriesOf } from './bundle-entries.js';
import { eventOf, fhirHeader, messageHeader, type FhirHeader, type FhirSender } from './fhir-header.js';
import { readTime } from './fhir-times.js';
import { entryFor, isObject, parts, part, text, type Json } from './json-values.js';
import { linksOf, readResource } from './read-resources.js';
import type { Moment, Reading, Reason } from './reading.js';
import { resolver, type Entry } from './references.js';

export interface FhirContext {
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  readonly defaultZone: string;
  /** By the name of the caller, or the name or endpoint that a message gives as its source. */
  readonly senders: Readonly<Record<string, FhirSender>>;
  /** Who called: the sender, where the message does not name a source that is known. */
  readonly caller: string;
}

export type FhirTranslation =
  | { readonly kind: 'readable'; readonly header: FhirHeader; readonly said: Said }
  | { readonly kind: 'unreadable'; readonly header: FhirHeader; readonly reasons: readonly Reason[] };

/** `http://example.org/ids/` and `http://example.org/ids` are one giver. */
const authoritiesOf = ({ authorities = {} }: FhirSender) => (system: string): string => {
  const plain = system.replace(/(?<=.)\/$/, '');
  return entryFor(authorities, system) ?? entryFor(authorities, plain) ?? entryFor(authorities, `${plain}/`) ?? plain;
};

const onlyPatientIn = (entries: readonly Entry[]): Entry | undefined => {
  const patients = entries.filter(({ type }) => type === 'Patient');
  return patients.length === 1 ? patients[0] : undefined;
};

/** Kinds of bundle that ask for something to be done. */
const ASKS: readonly string[] = ['message', 'transaction', 'batch'];

const readingOf = (resource: Json, entries: readonly Entry[], sender: string, { receivedAt, defaultZone, senders, caller }: FhirContext): Reading => {
  const settings = entryFor(senders, sender) ?? {};
  const zone = settings.zone ?? defaultZone;
  const resolve = resolver(entries);
  const header = messageHeader(resource);
  const first = entries[0];
  const focus = header && first ? parts(header, 'focus').flatMap((one) => resolve(one, first)?.entry ?? []) : [];
  return {
    sender, zone, receivedAt, entries, resolve,
    ownAuthority: settings.authority ?? sender,
    ownServer: authoritiesOf(settings)(`fhir:${caller}`),
    bundled: text(resource, 'resourceType') === 'Bundle',
    asksUs: text(resource, 'resourceType') !== 'Bundle' || ASKS.includes(text(resource, 'type')),
    authorityOf: authoritiesOf(settings),
    onlyPatient: onlyPatientIn(entries),
    event: header && { code: eventOf(header), focus: new Set(focus) },
    timestamp: text(resource, 'resourceType') === 'Bundle' ? readTime(text(resource, 'timestamp'), zone)?.instant : undefined,
    links: linksOf(entries, resolve),
  };
};

/** When the whole was put together. */
const momentOfAll = (resource: Json, { timestamp, zone, receivedAt }: Reading): Moment => {
  const changed = readTime(text(part(resource, 'meta'), 'lastUpdated'), zone)?.instant;
  if (timestamp !== undefined) return { at: timestamp, atSource: 'timestamp' };
  return changed === undefined ? { at: receivedAt, atSource: 'received' } : { at: changed, atSource: 'lastUpdated' };
};

const NOBODY: PatientSaid = { identifiers: [] };

const saidOf = (resource: Json, header: FhirHeader, context: FhirContext): Said | readonly Reason[] => {
  const { entries, flags, reasons } = entriesOf(resource);
  const reading = readingOf(resource, entries, header.sender, context);
  const read = entries.map((entry) => readResource(entry, reading));
  const wrong = [...reasons, ...read.flatMap((one) => one.reasons)];
  if (wrong.length > 0) return wrong;
  const { sender, controlId } = header;
  const { receivedAt } = context;
  const parted = assemble(read.flatMap((one) => one.facts), reading, { sender, controlId, receivedAt });
  const more = [...new Set([...flags, ...read.flatMap((one) => one.flags), ...(parted.length === 0 ? ['nothing-taken'] : [])])];
  const [first, ...others] = parted;
  if (first && others.length === 0) return { ...first, flags: [...new Set([...first.flags, ...more])] };
  return { sender, controlId, receivedAt, patient: first?.patient ?? NOBODY, ...momentOfAll(resource, reading), flags: more, what: 'bundle', parts: parted };
};

/**
 * FHIR R4 -> our words, or every reason why it cannot be read: one wrong resource, and nothing of its bundle is taken. Pure,
 * and it never throws, whatever JSON it is given.
 */
export const translateFhir = (resource: unknown, context: FhirContext): FhirTranslation => {
  if (!isObject(resource)) {
    const header: FhirHeader = { sender: context.caller, controlId: '', trigger: '?' };
    return { kind: 'unreadable', header, reasons: [{ code: 100, text: 'This is not a FHIR resource: send a JSON object with a resourceType' }] };
  }
  const header = fhirHeader(resource, context.caller, context.senders);
  const said = saidOf(resource, header, context);
  return 'what' in said ? { kind: 'readable', header, said } : { kind: 'unreadable', header, reasons: said };
};
