import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { translateCcda } from '@throughline/intake/adapters/ccda/translate-ccda';
import type { PrescriptionSaid, SaidOnce } from '@throughline/intake/domain/said';

const FOLDERS = ['hl7-ccda-examples', 'ms-fhir-converter-ccda'];
const CONTEXT = { receivedAt: '2026-01-01T00:00:00.000Z', defaultZone: 'America/New_York', senders: {}, sender: 'CORPUS' };

export interface CcdaResult {
  /** Whole documents that were read, and parts of documents that were refused. */
  readonly documents: number;
  readonly parts: number;
  /** Facts that were read, by kind. */
  readonly facts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : /\.(?:xml|ccda)$/.test(entry.name) ? [join(folder, entry.name)] : []));

/** Most examples show a section or an entry by itself, some under a root without its namespace. */
const isWhole = (xml: string): boolean => /<ClinicalDocument\s[^>]*urn:hl7-org:v3/.test(xml) && /<recordTarget[\s>]/.test(xml);

const linesOf = (part: SaidOnce): readonly PrescriptionSaid[] => (part.what === 'prescription' ? [part.prescription, ...(part.more ?? [])] : []);

/** What was read stands in the document: codes, amounts, numbers. */
const inventedIn = ({ medicine, dose, orderId }: PrescriptionSaid, xml: string): readonly string[] =>
  [medicine.code, ...(dose?.value.split('-') ?? []), ...(orderId?.split('^') ?? [])].filter((value) => value !== undefined && !xml.includes(`"${value}"`)).map((value) => `${value} stands nowhere in it`);

const countOf = (part: SaidOnce): readonly string[] => {
  if (part.what === 'statements') return part.statements.map(({ kind }) => kind);
  return part.what === 'prescription' ? linesOf(part).map(() => 'medicine') : [part.what];
};

/** Every example of both collections, read as if it had been sent. */
export const ccdaRun = (corpora: string): CcdaResult | undefined => {
  const files = FOLDERS.map((folder) => join(corpora, folder)).filter((folder) => existsSync(folder)).flatMap(filesUnder);
  if (files.length === 0) return undefined;
  const facts: Record<string, number> = {};
  const faults: string[] = [];
  let documents = 0;
  for (const file of files) {
    const bytes = readFileSync(file);
    const xml = bytes.toString('utf8').replace(/<!--[^]*?-->/g, '');
    const name = relative(corpora, file);
    const read = translateCcda(bytes, CONTEXT);
    if (isWhole(xml)) documents += 1;
    if (isWhole(xml) !== (read.kind === 'readable')) faults.push(`${name}: ${read.kind}${read.kind === 'unreadable' ? ` (${read.reasons.map(({ text }) => text).join('; ')})` : ''}`);
    if (read.kind !== 'readable') continue;
    const parts = read.said.what === 'bundle' ? read.said.parts : [read.said];
    for (const kind of parts.flatMap(countOf)) facts[kind] = (facts[kind] ?? 0) + 1;
    faults.push(...parts.flatMap(linesOf).flatMap((line) => inventedIn(line, xml)).map((fault) => `${name}: ${fault}`));
  }
  return { documents, parts: files.length - documents, facts, faults };
};
