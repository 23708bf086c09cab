import type { Arrival } from '../../application/ports.js';
import type { DocumentSaid, SaidOnce, StaySaid } from '../../domain/said.js';
import type { StayOfDocument, SummaryWanted } from '../../domain/summary-fit.js';
import type { SummaryKinds } from '../../domain/document.js';
import { record, records, text, type Json } from './json-reading.js';
import type { Systems } from './source-settings.js';

export type Base = Pick<SaidOnce, 'sender' | 'controlId' | 'receivedAt' | 'patient' | 'at' | 'atSource' | 'flags'>;
/** What a C-CDA says beside that it is there: medicines, conditions and so on. */
export type ReadInside = (content: Buffer, around: { readonly base: Base; readonly stay: StaySaid }) => { readonly parts: readonly SaidOnce[]; readonly flags: readonly string[] };

const codingsOf = (document: Json): readonly Json[] => records(record(document['type'])?.['coding']);

/** The code by which it is the summary of a discharge here; undefined: it is something else. */
const kindOf = (document: Json, kinds: SummaryKinds): DocumentSaid['kind'] | undefined => {
  const coding = codingsOf(document).find(({ code }) => kinds.includes(text(code)?.toUpperCase() ?? ''));
  if (!coding) return undefined;
  const { code, system, display } = { code: text(coding['code'])!, system: text(coding['system']), display: text(coding['display']) };
  return { code, ...(system === undefined ? {} : { system }), ...(display === undefined ? {} : { display }) };
};

export const isSummary = (document: Json, kinds: SummaryKinds): boolean =>
  document['resourceType'] === 'DocumentReference' && document['status'] === 'current' && document['docStatus'] !== 'entered-in-error' && kindOf(document, kinds) !== undefined;

/** Signed or amended; a source that does not tell drafts apart says nothing. */
export const isFinal = (document: Json): boolean => ['final', 'amended', undefined].includes(text(document['docStatus']));

/** Numbers of a Patient or an Encounter, or of a reference by number alone, as `system|value`. */
export const numbersOf = (resource: Json): readonly { readonly system: string; readonly value: string }[] =>
  [...records(resource['identifier']), ...records([resource['identifier']])].flatMap((one) => {
    const value = text(one['value']);
    return value === undefined ? [] : [{ system: text(one['system']) ?? '', value }];
  });

/** The bare number and its giver are the person's: the same system, whatever way its URL ends. */
export const isOfPerson = (wanted: SummaryWanted, numbers: ReturnType<typeof numbersOf>, systems: Systems): boolean => {
  const bare = (system: string): string => system.replace(/\/+$/, '');
  return wanted.identifiers.some((mine) => numbers.some(({ system, value }) => value === mine.value && systems.of(mine.authority).some((one) => bare(one) === bare(system))));
};

/** @param encounter what the document's reference leads to, or the reference itself where that is all there is */
export const stayOfDocument = (document: Json, encounter: Json | undefined, systems: Systems): StayOfDocument => {
  const period = record(encounter?.['period']) ?? record(record(document['context'])?.['period']);
  const numbers = encounter ? numbersOf(encounter) : [];
  return {
    numbers: numbers.map(({ system, value }) => {
      const authority = systems.authorityOf(system);
      return authority === undefined ? { value } : { authority, value };
    }),
    startsAt: text(period?.['start']),
    endsAt: text(period?.['end']),
  };
};

/** Undefined for a day, and for what is no time. */
const instant = (value: unknown): string | undefined => {
  const time = text(value);
  return time !== undefined && /T.*(Z|[+-]\d\d:\d\d)$/.test(time) && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : undefined;
};

export const writtenAt = (document: Json): string | undefined => instant(document['date']);

const CLINICAL = /<(?:[\w.-]+:)?ClinicalDocument[\s>]/;

/** The C-CDA among its texts, where there is one. */
const clinicalIn = (document: Json): Buffer | undefined =>
  records(document['content'])
    .map((part) => Buffer.from(text(record(part['attachment'])?.['data']) ?? '', 'base64'))
    .find((content) => CLINICAL.test(content.subarray(0, 20_000).toString('latin1').replaceAll('\0', '')));

export interface Finding {
  readonly document: Json;
  readonly wanted: SummaryWanted;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

/** The door's words for it. Whose it is and of which stay is said in our own numbers: that is what was asked for and compared. */
export const arrivalOf = ({ document, wanted, host, receivedAt }: Finding, kinds: SummaryKinds, readInside: ReadInside): Arrival => {
  const meta = record(document['meta']);
  const name = `DocumentReference/${text(document['id']) ?? ''}`;
  const version = text(meta?.['versionId']);
  const sender = `fhir:${host}`;
  const controlId = version === undefined ? name : `${name}/_history/${version}`;
  const [at, written] = [instant(meta?.['lastUpdated']), writtenAt(document)];
  const number = text(record(document['masterIdentifier'])?.['value']) ?? name;
  const base: Base = { sender, controlId, receivedAt, at: at ?? receivedAt, atSource: at === undefined ? 'received' : 'lastUpdated', patient: { identifiers: wanted.identifiers }, flags: [] };
  const [visit, account] = [wanted.visits[0], wanted.accounts[0]];
  const stay = visit ? { visit } : account ? { account } : {};
  const clinical = clinicalIn(document);
  const inside = clinical ? readInside(clinical, { base, stay: { ...stay, facility: wanted.facility, zone: wanted.zone, diagnoses: [] } }) : { parts: [], flags: [] };
  const said: SaidOnce = {
    ...base, flags: inside.flags, what: 'document', stay,
    document: { number, kind: kindOf(document, kinds) ?? {}, ...(written === undefined ? {} : { writtenAt: written }), withContent: true, withdrawn: false },
  };
  const content = inside.parts.length === 0 ? said : { ...base, flags: inside.flags, what: 'bundle' as const, parts: [said, ...inside.parts] };
  const raw = Buffer.from(JSON.stringify(document), 'utf8');
  return { protocol: 'fhir', raw, sender, controlId, trigger: 'DocumentReference', receivedAt, content: { said: content } };
};
