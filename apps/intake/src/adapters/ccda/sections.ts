import { all, first, hasTemplate, isNegated, isNull, textOf } from './cda-values.js';
import { codeIn, LOINC } from './coded-values.js';
import type { XmlElement } from './xml-tree.js';

/** The sections that facts are taken from: their LOINC codes, and their templates (C-CDA R1.1, R2.1) where a sender has a code of its own. */
const KINDS = {
  'current-medicines': { codes: ['10160-0'], templates: ['2.16.840.1.113883.10.20.22.2.1', '2.16.840.1.113883.10.20.22.2.1.1'] },
  'admission-medicines': { codes: ['42346-7'], templates: ['2.16.840.1.113883.10.20.22.2.44'] },
  'discharge-medicines': { codes: ['10183-2', '75311-1'], templates: ['2.16.840.1.113883.10.20.22.2.11', '2.16.840.1.113883.10.20.22.2.11.1'] },
  'given-medicines': { codes: ['29549-3'], templates: ['2.16.840.1.113883.10.20.22.2.38'] },
  problems: { codes: ['11450-4'], templates: ['2.16.840.1.113883.10.20.22.2.5', '2.16.840.1.113883.10.20.22.2.5.1'] },
  'discharge-diagnoses': { codes: ['11535-2'], templates: ['2.16.840.1.113883.10.20.22.2.24'] },
  'admission-diagnoses': { codes: ['42347-5', '46241-6'], templates: ['2.16.840.1.113883.10.20.22.2.43'] },
  allergies: { codes: ['48765-2'], templates: ['2.16.840.1.113883.10.20.22.2.6', '2.16.840.1.113883.10.20.22.2.6.1'] },
  results: { codes: ['30954-2', '11493-4'], templates: ['2.16.840.1.113883.10.20.22.2.3', '2.16.840.1.113883.10.20.22.2.3.1'] },
  plan: { codes: ['18776-5'], templates: ['2.16.840.1.113883.10.20.22.2.10'] },
} as const;
export type SectionKind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as SectionKind[];

const kindOf = (section: XmlElement): SectionKind | undefined => {
  const code = codeIn(first(section, 'code'), [LOINC]);
  return NAMES.find((name) => (KINDS[name].codes as readonly string[]).includes(code ?? '')) ?? NAMES.find((name) => hasTemplate(section, ...KINDS[name].templates));
};

const sectionsIn = (body: XmlElement | undefined): readonly XmlElement[] =>
  all(body, 'component').flatMap((component) => all(component, 'section')).flatMap((section) => [section, ...sectionsIn(section)]);

/** What the patient was told to do: at discharge, and otherwise. */
const INSTRUCTIONS: readonly { readonly code: string; readonly template: string; readonly display: string }[] = [
  { code: '8653-8', template: '2.16.840.1.113883.10.20.22.2.41', display: 'Hospital discharge instructions' },
  { code: '69730-0', template: '2.16.840.1.113883.10.20.22.2.45', display: 'Instructions' },
];

export interface InstructionsFound {
  readonly code: string;
  readonly display: string;
}

/** That there are instructions, and of which kind: one without words tells nobody anything. */
export const instructionsIn = (root: XmlElement): readonly InstructionsFound[] => {
  const sections = sectionsIn(first(root, 'component', 'structuredBody')).filter((section) => !isNull(section) && textOf(first(section, 'text')) !== '');
  return INSTRUCTIONS.filter(({ code, template }) => sections.some((section) => codeIn(first(section, 'code'), [LOINC]) === code || hasTemplate(section, template)));
};

export type Entries = ReadonlyMap<SectionKind, readonly XmlElement[]>;

/** Every entry, by what its section is about. A section that says that there is nothing to say has none. */
export const entriesIn = (root: XmlElement): Entries => {
  const found = new Map<SectionKind, readonly XmlElement[]>();
  for (const section of sectionsIn(first(root, 'component', 'structuredBody'))) {
    const kind = isNull(section) ? undefined : kindOf(section);
    if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), ...all(section, 'entry')]);
  }
  return found;
};

/** Everything of this name in an entry, inside what only holds it together. What it holds in turn belongs to it. */
export const inEntry = (entry: XmlElement, name: string, within: readonly string[]): readonly XmlElement[] =>
  entry.children.flatMap((child) => {
    if (typeof child === 'string') return [];
    if (child.name === name) return [child];
    return within.includes(child.name) && !isNegated(child) ? inEntry(child, name, within) : [];
  });
