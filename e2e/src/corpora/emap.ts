import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { translate } from '@throughline/intake/adapters/hl7v2/translate';
import type { Said, SaidOnce } from '@throughline/intake/domain/said';
import { messagesOf } from './open-messages.js';

/** Expected readings that another project keeps beside its messages, of one London hospital. */
const FOLDER = 'uclh-emap';
const CONTEXT = { receivedAt: '2026-01-01T00:00:00.000Z', defaultZone: 'Europe/London', senders: {} };

export interface EmapResult {
  readonly compared: number;
  readonly fields: number;
  /** With the reason, where it is known. */
  readonly differences: readonly string[];
  readonly faults: readonly string[];
}

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : entry.name.endsWith('.yaml') ? [join(folder, entry.name)] : []));

/** The values at the top of the file; what stands deeper is not compared. */
const expectedIn = (yaml: string): ReadonlyMap<string, string> => new Map([...yaml.matchAll(/^"?([\w@]+)"?: "?([^"\n]+?)"?$/gm)].map((found) => [found[1]!, found[2]!]));

const numberOf = (said: SaidOnce, kind: string): string | undefined => said.patient.identifiers.find((one) => one.kind === kind)?.value;
const visitOf = (said: SaidOnce): string | undefined => ('stay' in said ? said.stay?.visit?.value : undefined);
/** Of several facts in one message theirs is the first: allergies, or a second patient, come after it. */
const firstOf = (said: Said): SaidOnce => (said.what === 'bundle' ? said.parts[0]! : said);
const instant = (text: string | undefined): string | undefined => text && new Date(text).toISOString();

/** What our reading says where theirs has a word for it. */
const READINGS: Readonly<Record<string, (said: SaidOnce) => string | undefined>> = {
  mrn: (said) => numberOf(said, 'record-number'),
  nhsNumber: (said) => numberOf(said, 'national-number'),
  visitNumber: visitOf,
  previousMrn: (said) => (said.what === 'merge' ? said.merges[0]!.retired[0]?.value : undefined),
  dischargeDateTime: (said) => (said.what === 'discharge' ? said.discharge.at : undefined),
  dischargeDisposition: (said) => (said.what === 'discharge' ? said.stay.disposition : undefined),
  dischargeLocation: (said) => (said.what === 'discharge' ? said.stay.destination : undefined),
};

/** Differences that are decisions of ours, by field and kind of message. */
const KNOWN: readonly (readonly [field: string, what: SaidOnce['what'], why: string])[] = [
  ['visitNumber', 'merge', 'a merge is about records, and names no stay'],
  ['visitNumber', 'update', 'a swap of beds is about the two persons, and no stay of theirs is kept by it'],
];

export const emapRun = (corpora: string): EmapResult | undefined => {
  const root = join(corpora, FOLDER, 'expected-interchange');
  if (!existsSync(root)) return undefined;
  let compared = 0;
  let fields = 0;
  const differences: string[] = [];
  const faults: string[] = [];
  for (const file of filesUnder(root)) {
    const name = relative(root, file).replace(/\.yaml$/, '');
    const hl7 = join(FOLDER, 'hl7', name.replace(/^AdtMessages/, 'Adt').concat('.txt'));
    if (!existsSync(join(corpora, hl7))) continue;
    const read = translate(messagesOf(corpora, hl7)[0]!.bytes, CONTEXT);
    compared += 1;
    if (read.kind !== 'readable') {
      faults.push(`${name}: ${JSON.stringify(read)}`);
      continue;
    }
    const said = firstOf(read.said);
    const expected = expectedIn(readFileSync(file, 'utf8'));
    for (const [field, ours] of Object.entries(READINGS)) {
      const theirs = expected.get(field);
      if (theirs === undefined) continue;
      fields += 1;
      const [a, b] = field.endsWith('DateTime') ? [instant(theirs), instant(ours(said))] : [theirs, ours(said)];
      if (a === b) continue;
      const why = KNOWN.find(([known, what]) => known === field && what === said.what)?.[2];
      (why ? differences : faults).push(`${name}: ${field} is ${b ?? 'not said'} here, ${a} there${why ? `: ${why}` : ''}`);
    }
  }
  return { compared, fields, differences, faults };
};
