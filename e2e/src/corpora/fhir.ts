import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isResource, resourceValidation, type Resource } from '@throughline/intake/adapters/fhir/resource-validation';
import { System, throughline } from '@throughline/testing/system';
import { eventCount } from './events.js';
import { ledgerOf } from './ledger.js';

interface FhirFile {
  readonly name: string;
  readonly source: string;
  readonly bytes: Buffer;
  readonly resource?: Resource;
  /** By rule: why it must not be taken. */
  readonly wrong?: string;
}

interface Answered {
  readonly file: FhirFile;
  readonly status: number;
  readonly outcome?: readonly { readonly code: string; readonly expression?: readonly string[]; readonly diagnostics: string }[];
}

export interface FhirResult {
  readonly files: number;
  readonly taken: Readonly<Record<string, number>>;
  /** As they had to be, each with the rule and the first issue it was answered. */
  readonly refused: readonly string[];
  readonly outcomes: Readonly<Record<string, number>>;
  /** Events that posting the whole set again added. */
  readonly addedByRepeat: number;
  readonly check: string;
  readonly faults: readonly string[];
}

const namesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? namesUnder(join(folder, entry.name)) : entry.name.endsWith('.json') ? [join(folder, entry.name)] : []))
    .sort();

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
};

const DONE = ['POST', 'PUT', 'GET', 'HEAD'];
const undone = ({ type, entry }: Resource): boolean =>
  type === 'transaction' && Array.isArray(entry) && (entry as readonly { readonly request?: { readonly method?: string } }[]).some(({ request }) => request?.method !== undefined && !DONE.includes(request.method));

/** What a file is, and whether it may be taken: FHIR R4 by its form, and nothing asked for that is not done here. */
const filesOf = async (corpora: string): Promise<readonly FhirFile[]> => {
  const validate = resourceValidation();
  return Promise.all(
    namesUnder(corpora).map(async (path): Promise<FhirFile> => {
      const name = relative(corpora, path);
      const bytes = readFileSync(path);
      const file = { name, source: name.split('/')[0]!, bytes };
      const value = parsed(bytes);
      if (!isResource(value)) return { ...file, wrong: value === undefined ? 'not JSON' : 'no resource' };
      const [fault] = await validate(value);
      const wrong = fault ? `not R4: ${fault.where}: ${fault.text}` : undone(value) ? 'a transaction that deletes or changes a part' : undefined;
      return { ...file, resource: value, ...(wrong === undefined ? {} : { wrong }) };
    }),
  );
};

const addressOf = ({ resource }: FhirFile): string => {
  if (resource === undefined || (resource.resourceType === 'Bundle' && resource.type !== 'message')) return '/fhir';
  return resource.resourceType === 'Bundle' ? '/fhir/$process-message' : `/fhir/${resource.resourceType}`;
};

const postAll = async (system: System, files: readonly FhirFile[]): Promise<readonly Answered[]> => {
  const answered: Answered[] = [];
  for (const file of files) {
    const headers = { authorization: `Bearer ${await system.token('sender')}`, 'content-type': 'application/fhir+json' };
    const response = await fetch(system.url + addressOf(file), { method: 'POST', headers, body: Uint8Array.from(file.bytes) });
    const body = parsed(Buffer.from(await response.arrayBuffer())) as { readonly resourceType?: string; readonly issue?: Answered['outcome'] } | undefined;
    answered.push({ file, status: response.status, ...(body?.resourceType === 'OperationOutcome' && body.issue ? { outcome: body.issue } : {}) });
  }
  return answered;
};

const first = ({ outcome: [issue] = [] }: Answered): string => (issue ? `${issue.code} ${issue.expression?.join(' ') ?? ''} ${issue.diagnostics}` : 'no OperationOutcome');
const refusedRightly = ({ status, outcome = [] }: Answered): boolean => status >= 400 && status < 500 && outcome.length > 0;

const faultOf = (answered: Answered): readonly string[] => {
  const { file, status } = answered;
  if (file.wrong === undefined) return status < 300 ? [] : [`${file.name}: ${status} ${first(answered)}`];
  return refusedRightly(answered) ? [] : [`${file.name}: ${status}, although ${file.wrong}`];
};

const counted = (words: readonly string[]): Readonly<Record<string, number>> => Object.fromEntries(Object.entries(Object.groupBy(words, (word) => word)).map(([word, some = []]) => [word, some.length]));

/** Every FHIR file to one fresh system, twice. */
export const fhirRun = async (corpora: string): Promise<FhirResult | undefined> => {
  const files = await filesOf(corpora);
  if (files.length === 0) return undefined;
  const system = await System.start('embedded');
  try {
    const answered = await postAll(system, files);
    const checked = await throughline(['check', '--home', system.home, '--settle', '300']);
    const before = await eventCount(system);
    const again = await postAll(system, files);
    const checkedAgain = await throughline(['check', '--home', system.home, '--settle', '120']);
    const addedByRepeat = (await eventCount(system)) - before;
    const changed = again.filter(({ status }, at) => status !== answered[at]!.status).map(({ file }) => `${file.name}: another answer the second time`);
    const ledger = await ledgerOf(system);
    return {
      files: files.length,
      taken: counted(answered.filter(({ status }) => status < 300).map(({ file }) => file.source)),
      refused: answered.filter(({ status }) => status >= 400).map((one) => `${one.file.name}: ${one.status} ${first(one)} (${one.file.wrong ?? 'nothing known against it'})`),
      outcomes: counted(ledger.map(({ outcome, reason }) => (reason ? `${outcome} (${reason})` : outcome))),
      addedByRepeat,
      check: checkedAgain.last,
      faults: [
        ...answered.flatMap(faultOf), ...changed,
        ...(addedByRepeat === 0 ? [] : [`posting everything again added ${addedByRepeat} events`]),
        ...[checked, checkedAgain].filter(({ code }) => code !== 0).map(({ last }) => `check: ${last}`),
      ],
    };
  } finally {
    await system.discard();
  }
};
