import type { SummaryKinds } from '../../domain/document.js';
import { isAboutStay, type SummaryWanted } from '../../domain/summary-fit.js';
import { isFinal, isOfPerson, isSummary, numbersOf, stayOfDocument, writtenAt } from './found-document.js';
import { record, records, text, type Json } from './json-reading.js';
import { parsed, QueryEnded, type Failure, type SourceHttp } from './source-http.js';
import type { Systems } from './source-settings.js';

const LOINC = 'http://loinc.org';
const PAGES = 5;
const PAGE = '20';
const PARTS = 5;
const MAX_BUNDLE_BYTES = 8 * 1024 * 1024;
/** Of a document's content, all its parts together: what any one message may have. */
const MAX_CONTENT_BYTES = 4 * 1024 * 1024;

export interface SourceRules {
  readonly kinds: SummaryKinds;
  readonly systems: Systems;
}

const escaped = (value: string): string => value.replace(/[\\$,|]/g, '\\$&');

/** IHE MHD's Find Document References (ITI-67): by a number of the patient's, so that no id of the source's own has to be known. */
const searchOf = (wanted: SummaryWanted, { kinds, systems }: SourceRules): string => {
  const people = wanted.identifiers.flatMap(({ authority, value }) => systems.of(authority).map((system) => `${escaped(system)}|${escaped(value)}`));
  const types = kinds.filter((code) => /^\d{1,6}-\d$/.test(code)).map((code) => `${LOINC}|${code}`);
  return `DocumentReference?${new URLSearchParams({ 'patient.identifier': people.join(','), type: types.join(','), status: 'current', _count: PAGE }).toString()}`;
};

/** Asks for the summary of one stay. Its answer is whole or none: a document without its text, or of somebody else, is not taken. */
export class SummarySource {
  constructor(
    private readonly http: SourceHttp,
    private readonly rules: SourceRules,
  ) {}

  /** The newest that fits, its text inside. @throws QueryEnded with what there is instead */
  async find(wanted: SummaryWanted, signal: AbortSignal): Promise<Json> {
    const documents = (await this.#search(wanted, signal)).filter((one) => isSummary(one, this.rules.kinds));
    const newestFirst = [...documents].sort((a, b) => ((writtenAt(a) ?? '') < (writtenAt(b) ?? '') ? 1 : -1));
    const instead = new Set<Failure>();
    for (const document of newestFirst) {
      const misfit = await this.#misfit(document, wanted, signal);
      if (misfit === undefined) return this.#whole(document, signal);
      instead.add(misfit);
    }
    throw new QueryEnded((['not-final', 'other-stay', 'other-patient'] as const).find((one) => instead.has(one)) ?? 'nothing-found');
  }

  async #search(wanted: SummaryWanted, signal: AbortSignal): Promise<readonly Json[]> {
    const found: Json[] = [];
    let next: string | undefined = searchOf(wanted, this.rules);
    for (let page = 0; next !== undefined && page < PAGES; page++) {
      const bundle: Json | undefined = record(await this.http.json(this.http.within(next), MAX_BUNDLE_BYTES, signal));
      if (bundle?.['resourceType'] !== 'Bundle') throw new QueryEnded(bundle?.['resourceType'] === 'OperationOutcome' ? 'refused' : 'unreadable');
      found.push(...records(records(bundle['entry']).map(({ resource }) => resource)));
      next = text(records(bundle['link']).find(({ relation }) => relation === 'next')?.['url']);
    }
    return found;
  }

  async #misfit(document: Json, wanted: SummaryWanted, signal: AbortSignal): Promise<Failure | undefined> {
    const { systems } = this.rules;
    const subject = record(document['subject']);
    const patient = subject && (await this.#resolve(document, subject, 'Patient', signal));
    if (!patient || !isOfPerson(wanted, numbersOf(patient), systems)) return 'other-patient';
    const references = records(record(document['context'])?.['encounter']);
    const encounters = await Promise.all(references.slice(0, PARTS).map((one) => this.#resolve(document, one, 'Encounter', signal)));
    const stays = (encounters.length > 0 ? encounters : [undefined]).map((one) => stayOfDocument(document, one, systems));
    if (!stays.some((stay) => isAboutStay(wanted, stay))) return 'other-stay';
    return isFinal(document) ? undefined : 'not-final';
  }

  /** What a reference leads to, the reference where it is by number alone; nothing where it cannot be read. */
  async #resolve(document: Json, reference: Json, type: string, signal: AbortSignal): Promise<Json | undefined> {
    const to = text(reference['reference']);
    if (to === undefined) return reference;
    if (to.startsWith('#')) return records(document['contained']).find(({ id }) => `#${String(id)}` === to);
    try {
      const target = this.http.within(to);
      if (!new RegExp(`/${type}/[A-Za-z0-9.-]{1,64}(/_history/[^/]+)?$`).test(target.pathname)) return undefined;
      return record(await this.http.json(target, MAX_BUNDLE_BYTES, signal));
    } catch (error) {
      if (error instanceof QueryEnded && ['elsewhere', 'not-found', 'unauthorised'].includes(error.result)) return record(reference['identifier']) && reference;
      throw error;
    }
  }

  /** The document with the text of every part inside it. */
  async #whole(document: Json, signal: AbortSignal): Promise<Json> {
    let left = MAX_CONTENT_BYTES;
    const content: Json[] = [];
    for (const part of records(document['content']).slice(0, PARTS)) {
      const attachment = record(part['attachment']) ?? {};
      const data = text(attachment['data']) ?? (await this.#fetched(attachment, left, signal));
      left -= data === undefined ? 0 : Buffer.byteLength(data, 'base64');
      if (left < 0) throw new QueryEnded('too-large');
      content.push(data === undefined ? part : { ...part, attachment: { ...attachment, data } });
    }
    if (!content.some((part) => text(record(part['attachment'])?.['data']) !== undefined)) throw new QueryEnded('no-content');
    return { ...document, content };
  }

  /** In base64, from a Binary in either of its two forms. */
  async #fetched(attachment: Json, maxBytes: number, signal: AbortSignal): Promise<string | undefined> {
    const url = text(attachment['url']);
    if (url === undefined) return undefined;
    const accept = text(attachment['contentType']);
    const { contentType, body } = await this.http.get(this.http.within(url), accept === undefined ? '*/*' : `${accept}, */*;q=0.1`, Math.ceil(maxBytes * 1.4), signal);
    if (body.byteLength === 0) return undefined;
    if (!contentType.startsWith('application/fhir+json')) return body.toString('base64');
    const binary = record(parsed(body));
    return binary?.['resourceType'] === 'Binary' ? text(binary['data']) : undefined;
  }
}
