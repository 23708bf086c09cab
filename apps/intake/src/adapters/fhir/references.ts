import { part, parts, text, type Json } from './json-values.js';

/** A resource where it stands in a message. */
export interface Entry {
  readonly resource: Json;
  readonly type: string;
  /** FHIRPath, for whoever has to find it: `Bundle.entry[3].resource`. */
  readonly where: string;
  /** As the message gives it; empty where it gives none. */
  readonly fullUrl: string;
  /** Its place on a server, as far as the message says so. */
  readonly place?: Place;
  /** The resource that contains it. */
  readonly owner?: Entry;
}

/** Where a server keeps a resource. */
export interface Place {
  /** The server's address; undefined: the caller's own. */
  readonly base?: string;
  readonly type: string;
  readonly id: string;
}

/** What a reference points at, as far as can be known. */
export interface Target {
  readonly type: string;
  /** The resource, where the message holds it. */
  readonly entry?: Entry;
  /** Where it is, where the message does not hold it. */
  readonly place?: Place;
  /** The number that the reference itself names. */
  readonly identifier?: Json;
  readonly display: string;
}

const TYPED = /^(?:(https?:\/\/[^?#]+)\/)?([A-Z][A-Za-z]{2,60})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/?#]*)?$/;

/** `Patient/1`, `https://example.org/fhir/Patient/1/_history/2`. */
export const placeOf = (url: string): Place | undefined => {
  const found = TYPED.exec(url);
  return found ? { ...(found[1] === undefined ? {} : { base: found[1] }), type: found[2]!, id: found[3]! } : undefined;
};

export const keyOf = ({ base = '', type, id }: Place): string => `${base}\u001f${type}\u001f${id}`;
const nameOf = (type: string, id: string): string => `${type}\u001f${id}`;
const numberOf = (type: string, identifier: Json): string => [type, text(identifier, 'system'), text(identifier, 'value')].join('\u001f');

/** `Patient?identifier=system|value`: the resource that bears this number. */
const conditional = (url: string): { readonly type: string; readonly identifier?: Json } | undefined => {
  const found = /^([A-Z][A-Za-z]{2,60})\?(.*)$/.exec(url);
  if (!found) return undefined;
  const token = new URLSearchParams(found[2]).get('identifier') ?? '';
  const bar = token.indexOf('|');
  const [system, value] = bar < 0 ? ['', token] : [token.slice(0, bar), token.slice(bar + 1)];
  return { type: found[1]!, ...(value === '' ? {} : { identifier: { system, value } }) };
};

const containedIn = (owner: Entry): readonly Entry[] =>
  parts(owner.resource, 'contained').map((resource, n) => ({ resource, type: text(resource, 'resourceType'), where: `${owner.where}.contained[${n}]`, fullUrl: '', owner }));

export type Resolve = (reference: Json | undefined, from: Entry) => Target | undefined;

/** Of several under one key the first; undefined where they are different resources of different servers. */
const indexed = (entries: readonly Entry[]): ((key: string) => Entry | undefined) => {
  const index = new Map<string, Entry | null>();
  const put = (key: string, entry: Entry): void => {
    const known = index.get(key);
    if (known === undefined) index.set(key, entry);
    else if (known?.place?.base !== entry.place?.base) index.set(key, null);
  };
  for (const entry of entries) {
    const { fullUrl, type, resource, place } = entry;
    if (fullUrl !== '') put(fullUrl.replace(/\/_history\/[^/]*$/, ''), entry);
    if (place) put(keyOf(place), entry);
    put(nameOf(type, place?.id ?? text(resource, 'id')), entry);
    for (const identifier of parts(resource, 'identifier')) if (text(identifier, 'value') !== '') put(numberOf(type, identifier), entry);
  }
  return (key) => index.get(key) ?? undefined;
};

/**
 * Finds what references point at (FHIR R4, 2.36.4.1 and 3.1.7): contained resources, `fullUrl`s, ids relative to the server
 * that the referring entry is from, conditional and logical references. Versions make no difference.
 */
export const resolver = (entries: readonly Entry[]): Resolve => {
  const find = indexed(entries);
  const contained = new Map<Entry, ReadonlyMap<string, Entry>>();
  const inside = (owner: Entry, id: string): Entry | undefined => {
    const known = contained.get(owner) ?? new Map(containedIn(owner).map((one) => [text(one.resource, 'id'), one]));
    contained.set(owner, known);
    return known.get(id);
  };
  const inMessage = (url: string, from: Entry): Entry | undefined => {
    const plain = url.replace(/\/_history\/[^/]*$/, '');
    const place = placeOf(url);
    if (!place) return find(plain);
    if (place.base !== undefined) return find(plain) ?? find(keyOf(place));
    const { base } = (from.owner ?? from).place ?? {};
    return (base === undefined ? undefined : find(keyOf({ ...place, base }))) ?? find(nameOf(place.type, place.id));
  };
  return (reference, from) => {
    if (!reference) return undefined;
    const [url, display] = [text(reference, 'reference'), text(reference, 'display')];
    const owner = from.owner ?? from;
    if (url.startsWith('#')) {
      const entry = url === '#' ? owner : inside(owner, url.slice(1));
      return { type: entry?.type ?? text(reference, 'type'), ...(entry ? { entry } : {}), display };
    }
    const asked = conditional(url);
    const identifier = asked?.identifier ?? part(reference, 'identifier');
    const relative = placeOf(url);
    const type = asked?.type ?? relative?.type ?? text(reference, 'type');
    const entry = (url === '' || asked ? undefined : inMessage(url, from)) ?? (identifier ? find(numberOf(type, identifier)) : undefined);
    const { base } = owner.place ?? {};
    const place = relative && { ...(base === undefined ? {} : { base }), ...relative };
    if (url === '' && !identifier && display === '') return undefined;
    return { type: entry?.type ?? type, ...(entry ? { entry } : place ? { place } : {}), ...(identifier ? { identifier } : {}), display };
  };
};
