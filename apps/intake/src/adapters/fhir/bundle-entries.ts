import { entryPlace } from './fhir-numbers.js';
import { readTime } from './fhir-times.js';
import { isObject, part, parts, text, type Json } from './json-values.js';
import type { Reason } from './reading.js';
import { keyOf, type Entry } from './references.js';

export interface Entries {
  readonly entries: readonly Entry[];
  readonly flags: readonly string[];
  readonly reasons: readonly Reason[];
}

/** Bundles within bundles, as answers to a batch of searches are: so deep and no deeper. */
const MAX_DEPTH = 3;

const TYPES: readonly string[] = ['message', 'transaction', 'batch', 'collection', 'document', 'history', 'searchset', 'transaction-response', 'batch-response'];

/** What an entry asks for that is no telling of a fact. */
const NOT_TAKEN: Readonly<Record<string, string>> = { DELETE: 'delete-not-taken', GET: 'read-not-taken', HEAD: 'read-not-taken', PATCH: 'patch-not-taken' };

const entryOf = (resource: Json, where: string, entry: Json): Entry => {
  const place = entryPlace(resource, entry);
  return { resource, type: text(resource, 'resourceType'), where, fullUrl: text(entry, 'fullUrl'), ...(place ? { place } : {}) };
};

const flatten = (bundle: Json, where: string, depth: number, into: { readonly entries: Entry[]; readonly flags: string[]; readonly reasons: Reason[] }): void => {
  const list = Array.isArray(bundle['entry']) ? (bundle['entry'] as readonly unknown[]) : [];
  for (const [n, item] of list.entries()) {
    const here = `${where}.entry[${n}]`;
    const entry = isObject(item) ? item : {};
    const method = text(part(entry, 'request'), 'method').toUpperCase();
    const notTaken = Object.hasOwn(NOT_TAKEN, method) ? NOT_TAKEN[method] : undefined;
    const resource = part(entry, 'resource');
    // What a search or a history was answered with may say what it was asked.
    if (notTaken && !(resource && (method === 'GET' || method === 'HEAD'))) into.flags.push(notTaken);
    else if (!resource) {
      if (['POST', 'PUT'].includes(method) || method === '') into.flags.push('entry-without-resource');
    } else if (text(resource, 'resourceType') === '') into.reasons.push({ code: 101, where: `${here}.resource.resourceType`, text: 'The type of the resource is missing: send a FHIR resource' });
    else if (text(resource, 'resourceType') === 'Bundle' && depth < MAX_DEPTH) flatten(resource, `${here}.resource`, depth + 1, into);
    else into.entries.push(entryOf(resource, `${here}.resource`, entry));
  }
};

const changedAt = ({ resource }: Entry): string => readTime(text(part(resource, 'meta'), 'lastUpdated'), 'UTC')?.instant ?? '';

/**
 * Of several versions of one resource the newest: what the older ones said does not hold. A history goes backwards (FHIR R4,
 * 3.1.0.14); elsewhere what stands later was meant later.
 */
const newest = (entries: readonly Entry[], backwards: boolean): readonly Entry[] => {
  const best = new Map<string, Entry>();
  for (const entry of backwards ? [...entries].reverse() : entries) {
    const key = entry.place && keyOf(entry.place);
    const known = key === undefined ? undefined : best.get(key);
    if (key !== undefined && (!known || changedAt(known) <= changedAt(entry))) best.set(key, entry);
  }
  return entries.filter((entry) => !entry.place || best.get(keyOf(entry.place)) === entry);
};

const firstOf = (bundle: Json): string => text(part(parts(bundle, 'entry')[0], 'resource'), 'resourceType');

const bundleReasons = (bundle: Json): readonly Reason[] => {
  const type = text(bundle, 'type');
  if (type === '') return [{ code: 101, where: 'Bundle.type', text: `The type of the bundle is missing: send ${TYPES.join(', ')}` }];
  if (!TYPES.includes(type)) return [{ code: 103, where: 'Bundle.type', text: `This type of bundle is not known: send ${TYPES.join(', ')}` }];
  if (type === 'message' && firstOf(bundle) !== 'MessageHeader') return [{ code: 100, where: 'Bundle.entry[0].resource', text: 'A message has to begin with its MessageHeader: put it first' }];
  if (type === 'document' && firstOf(bundle) !== 'Composition') return [{ code: 100, where: 'Bundle.entry[0].resource', text: 'A document has to begin with its Composition: put it first' }];
  return [];
};

/** Every resource of a bundle, where it stands; a single resource is its own only entry. */
export const entriesOf = (resource: Json): Entries => {
  const type = text(resource, 'resourceType');
  if (type === '') return { entries: [], flags: [], reasons: [{ code: 101, where: 'resourceType', text: 'The type of the resource is missing: send a FHIR resource' }] };
  if (type !== 'Bundle') return { entries: [entryOf(resource, type, {})], flags: [], reasons: [] };
  const into = { entries: [] as Entry[], flags: [] as string[], reasons: [...bundleReasons(resource)] };
  flatten(resource, 'Bundle', 1, into);
  const entries = newest(into.entries, text(resource, 'type') === 'history');
  return { ...into, entries, flags: entries.length < into.entries.length ? [...into.flags, 'older-version-not-read'] : into.flags };
};
