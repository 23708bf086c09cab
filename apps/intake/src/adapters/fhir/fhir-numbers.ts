import type { StayNumber } from '../../domain/said.js';
import { part, parts, text, type Json } from './json-values.js';
import { placeOf, type Entry, type Place, type Target } from './references.js';
import type { Reading, StayNumbers } from './reading.js';

const MAX_VALUE = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Who somebody is, and which hospital, no message may make up. */
const NAMED_BY_SERVERS: readonly string[] = ['Patient', 'Organization', 'Location'];

/**
 * Where a server keeps the resource, if the message says so: its `fullUrl`, or where it is to be put. A `urn:` is a name for
 * this message only, and the id of what is to be created is the sender's scrap of paper, unless it is a UUID, which is
 * nobody else's.
 */
export const entryPlace = (resource: Json, entry: Json): Place | undefined => {
  const [type, id, fullUrl, request] = [text(resource, 'resourceType'), text(resource, 'id'), text(entry, 'fullUrl'), part(entry, 'request')];
  const method = text(request, 'method').toUpperCase();
  const told = placeOf(fullUrl) ?? (method === 'PUT' ? placeOf(text(request, 'url')) : undefined);
  if (told) return told;
  if (id === '') return undefined;
  const ofThisMessage = fullUrl !== '' || method === 'POST';
  return ofThisMessage && (!UUID.test(id) || NAMED_BY_SERVERS.includes(type)) ? undefined : { type, id };
};

export const serverOf = ({ base }: Place, reading: Reading): string => (base === undefined ? reading.ownServer : reading.authorityOf(base));

/** `system|value`, as FHIR writes a number where it asks for one. */
const token = (identifier: Json | undefined): string => {
  const [system, value] = [text(identifier, 'system'), text(identifier, 'value')];
  if (value === '') return '';
  return (system === '' ? value : `${system}|${value}`).slice(0, MAX_VALUE).toWellFormed();
};

const bestIdentifier = (resource: Json, keys: readonly string[]): Json | undefined => {
  const all = keys.flatMap((key) => parts(resource, key)).filter((one) => text(one, 'value') !== '');
  return all.find((one) => text(one, 'system') !== '') ?? all[0];
};

const placeNumber = (place: Place, reading: Reading): string =>
  `${place.base === undefined || serverOf(place, reading) === reading.ownServer ? '' : `${place.base}/`}${place.type}/${place.id}`;

/**
 * The number by which its source knows a resource: where its server keeps it, else the first identifier that has a system.
 * Not the other way round: an identifier may be a prescription's that several orders share, and one would hide the others.
 */
export const numberOf = ({ resource, place }: Entry, reading: Reading, ...keys: readonly string[]): string =>
  place ? placeNumber(place, reading) : token(bestIdentifier(resource, keys.length > 0 ? keys : ['identifier']));

/** Every number that a reference may mean: where a server keeps what it points at, and what that is called. */
export const numbersOf = ({ entry, place = entry?.place, identifier }: Target, reading: Reading): readonly string[] => {
  const called = token(entry ? bestIdentifier(entry.resource, ['identifier']) : identifier);
  return [place ? placeNumber(place, reading) : '', called].filter((number) => number !== '');
};

const stayNumber = (identifier: Json | undefined, reading: Reading): StayNumber | undefined => {
  const [system, value] = [text(identifier, 'system'), text(identifier, 'value')];
  if (value === '' || value.length > MAX_VALUE) return undefined;
  return { value, ...(system === '' ? {} : { authority: reading.authorityOf(system) }) };
};

const visitOf = (encounter: Json, reading: Reading): StayNumber | undefined => {
  const numbers = parts(encounter, 'identifier').filter((one) => text(one, 'value') !== '');
  const visit = numbers.find((one) => parts(part(one, 'type'), 'coding').some((coding) => text(coding, 'code') === 'VN'));
  return stayNumber(visit ?? numbers[0], reading);
};

const accountOf = (entry: Entry, reading: Reading): StayNumber | undefined => {
  const target = reading.resolve(parts(entry.resource, 'account')[0], entry);
  return target && stayNumber(target.entry ? bestIdentifier(target.entry.resource, ['identifier']) : target.identifier, reading);
};

/** An entry is of one message: its numbers are read once. */
const known = new WeakMap<Entry, StayNumbers>();

/**
 * A stay by its visit number, else by where its server keeps it. That place is its account too where no other is known:
 * what names the stay later by a bare reference finds it so, whatever its visit number is.
 */
export const stayNumbers = (entry: Entry, reading: Reading): StayNumbers => {
  const numbers = known.get(entry) ?? readStayNumbers(entry, reading);
  known.set(entry, numbers);
  return numbers;
};

const readStayNumbers = (entry: Entry, reading: Reading): StayNumbers => {
  const kept: StayNumber | undefined = entry.place && { authority: serverOf(entry.place, reading), value: entry.place.id };
  const visit = visitOf(entry.resource, reading) ?? kept;
  const account = accountOf(entry, reading) ?? kept;
  return { ...(visit ? { visit } : {}), ...(account ? { account } : {}) };
};

/** The stay that a resource names; undefined where it names none, or none that a number is known of. */
export const stayOfReference = (reference: Json | undefined, entry: Entry, reading: Reading): StayNumbers | undefined => {
  const target = reading.resolve(reference, entry);
  if (!target || (target.type !== '' && target.type !== 'Encounter')) return undefined;
  if (target.entry) {
    const numbers = stayNumbers(target.entry, reading);
    return numbers.visit || numbers.account ? numbers : undefined;
  }
  const visit = stayNumber(target.identifier, reading);
  const account: StayNumber | undefined = target.place && { authority: serverOf(target.place, reading), value: target.place.id };
  return visit || account ? { ...(visit ? { visit } : {}), ...(account ? { account } : {}) } : undefined;
};
