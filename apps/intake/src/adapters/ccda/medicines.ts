import type { PrescriptionSaid } from '../../domain/said.js';
import { all, attribute, first, hasTemplate, isNegated, isNull, ownNumber, textOf } from './cda-values.js';
import { codedOf, hasCode, RXNORM, wordsFor } from './coded-values.js';
import { spanOf, timingOf } from './medicine-timing.js';
import type { Reading } from './reading.js';
import { inEntry, type Entries, type SectionKind } from './sections.js';
import type { XmlElement } from './xml-tree.js';

/** Of the stay that the document is about; the rest is what somebody takes, whoever prescribed it. */
const OF_THE_STAY: readonly SectionKind[] = ['discharge-medicines', 'given-medicines'];
const SECTIONS: readonly SectionKind[] = [...OF_THE_STAY, 'admission-medicines', 'current-medicines'];

const SIG_TEMPLATE = '2.16.840.1.113883.10.20.22.4.147';
const SIG_CODE = ['76662-6'];
const INSTRUCTION_TEMPLATE = '2.16.840.1.113883.10.20.22.4.20';
/** SNOMED CT "drug or medicament", "pharmaceutical product": no medicine is named. */
const ANY_DRUG = ['410942007', '373873005'];

const related = (administration: XmlElement, name: string): readonly XmlElement[] => all(administration, 'entryRelationship').flatMap((one) => all(one, name));
const isSig = (one: XmlElement): boolean => hasTemplate(one, SIG_TEMPLATE) || hasCode(first(one, 'code'), SIG_CODE);

/** A place in the narrative that is a row holds more than one thing: its dates and its status too. */
const ROWS: readonly (string | undefined)[] = ['tr', 'table', 'tbody', 'list', 'text'];
const wordsUnlessRow = (element: XmlElement | undefined, reading: Reading): string => (ROWS.includes(reading.place(element)?.name) ? '' : reading.words(element));

const sigOf = (administration: XmlElement, reading: Reading): string => related(administration, 'substanceAdministration').filter(isSig).map((one) => reading.words(first(one, 'text'))).find((words) => words !== '') ?? '';

/** The source's words where they are the medicine's alone, else those of its code; where it has none, what the entry or the directions call it. */
const medicineOf = (administration: XmlElement, reading: Reading): PrescriptionSaid['medicine'] | undefined => {
  const product = first(administration, 'consumable', 'manufacturedProduct');
  const material = first(product, 'manufacturedMaterial') ?? first(product, 'manufacturedLabeledDrug');
  const code = first(material, 'code');
  const unnamed = hasCode(code, ANY_DRUG);
  const coded = unnamed ? undefined : codedOf(code, reading, RXNORM);
  const original = all(code, 'originalText').map((one) => wordsUnlessRow(one, reading)).find((words) => words !== '');
  const text = [
    original, coded?.display, textOf(first(material, 'name')), wordsUnlessRow(first(administration, 'text'), reading), sigOf(administration, reading),
    // A row as a whole, before nothing but a code.
    reading.words(first(code, 'originalText')), reading.words(first(administration, 'text')), coded?.code,
  ].find((words) => words !== undefined && words !== '');
  if (text === undefined) return undefined;
  return { text, ...(coded?.code === undefined ? {} : { code: coded.code }), ...(coded?.system === undefined ? {} : { system: coded.system }), ...(coded?.display === undefined ? {} : { display: coded.display }) };
};

const DIMENSIONLESS = '1';
const doseOf = (administration: XmlElement, reading: Reading): PrescriptionSaid['dose'] | undefined => {
  const dose = first(administration, 'doseQuantity');
  const [low, high] = [first(dose, 'low'), first(dose, 'high')];
  const [least, most] = [attribute(low, 'value'), attribute(high, 'value')];
  const value = attribute(dose, 'value') ?? (least !== undefined && most !== undefined && least !== most ? `${least}-${most}` : (least ?? (most === undefined ? undefined : `up to ${most}`)));
  if (value === undefined) return undefined;
  const written = [dose, low, high].map((one) => attribute(one, 'unit')).find((unit) => unit !== undefined && unit !== DIMENSIONLESS);
  const unit = written ?? wordsFor(codedOf(first(administration, 'administrationUnitCode'), reading));
  return { value, ...(unit === undefined ? {} : { unit }) };
};

/** The free text of how to take it, and what else is to be kept in mind; else the text of the entry, where it is no whole row. */
const directionsOf = (administration: XmlElement, medicine: PrescriptionSaid['medicine'], reading: Reading): string | undefined => {
  const instructions = related(administration, 'act').filter((one) => hasTemplate(one, INSTRUCTION_TEMPLATE)).map((one) => reading.words(first(one, 'text')));
  const own = [sigOf(administration, reading), ...instructions].filter((words, at, some) => words !== '' && !some.some((other, n) => n !== at && other.includes(words) && (other !== words || n < at)));
  const told = (own.length > 0 ? own.join('; ') : wordsUnlessRow(first(administration, 'text'), reading)).slice(0, 1_000);
  const repeated = [medicine.text, medicine.display].some((name) => name?.toLowerCase() === told.toLowerCase());
  return told === '' || repeated ? undefined : told;
};

const STATUSES: Readonly<Record<string, NonNullable<PrescriptionSaid['status']>>> = {
  aborted: 'stopped', cancelled: 'cancelled', nullified: 'cancelled', obsolete: 'cancelled', suspended: 'on-hold', held: 'on-hold', completed: 'completed',
};
const SAYS_ACTIVE = ['55561003'];

/**
 * "Completed" is also what many senders write of every entry that is written down. It ends a medicine only where the entry says
 * when it ended, and no observation says that it goes on: a medicine that is wrongly taken for finished is missed by whoever checks the list.
 */
const statusOf = (administration: XmlElement, reading: Reading): PrescriptionSaid['status'] => {
  const status = STATUSES[attribute(first(administration, 'statusCode'), 'code')?.toLowerCase() ?? ''];
  if (status !== 'completed') return status;
  const { startsAt, endsAt, once } = spanOf(administration, reading);
  const end = endsAt ?? (once ? startsAt : undefined);
  const goesOn = related(administration, 'observation').some((one) => hasCode(first(one, 'code'), ['33999-4']) && hasCode(first(one, 'value'), SAYS_ACTIVE));
  return end !== undefined && end <= reading.asOf && !goesOn ? 'completed' : undefined;
};

/** INT and RQO tell of an order; EVN of what is taken, or, where doses are listed, of one that was given. */
const basisOf = (administration: XmlElement, section: SectionKind): PrescriptionSaid['basis'] => {
  if (administration.attributes.get('moodCode') !== 'EVN') return 'ordered';
  return section === 'given-medicines' ? 'administered' : undefined;
};

const lineOf = (administration: XmlElement, section: SectionKind, reading: Reading): PrescriptionSaid | undefined => {
  const medicine = medicineOf(administration, reading);
  if (!medicine) return undefined;
  const routeCode = first(administration, 'routeCode');
  const basis = basisOf(administration, section);
  const written = basis === 'ordered' ? all(administration, 'author').map((author) => reading.time(first(author, 'time'))).find((time) => time !== undefined) : undefined;
  const optional = {
    orderId: ownNumber(administration), dose: doseOf(administration, reading), route: wordsFor(codedOf(routeCode, reading)), directions: directionsOf(administration, medicine, reading),
    timing: timingOf(administration, reading), prescribedAt: written?.instant, status: statusOf(administration, reading), basis,
  };
  return { medicine, ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<PrescriptionSaid>) };
};

/** Tells lines of one document that share a number, or have none, from each other: by their place. */
export const apart = <T extends { readonly place?: number }>(items: readonly T[], numberOf: (item: T) => string): readonly T[] => {
  const counts = new Map<string, number>();
  return items.map((item) => {
    const place = (counts.get(numberOf(item)) ?? 0) + 1;
    counts.set(numberOf(item), place);
    return place === 1 ? item : { ...item, place };
  });
};

export interface MedicinesRead {
  readonly ofTheStay: readonly PrescriptionSaid[];
  readonly others: readonly PrescriptionSaid[];
  readonly flags: readonly string[];
}

const HOLDS = ['entry', 'act', 'organizer', 'component', 'entryRelationship'];

/** Every medicine that the document lists; not what it says is not taken, nor a vaccination. */
export const readMedicines = (entries: Entries, reading: Reading): MedicinesRead => {
  const flags = new Set<string>();
  const found = SECTIONS.flatMap((section) =>
    (entries.get(section) ?? []).flatMap((entry) => inEntry(entry, 'substanceAdministration', HOLDS)).filter((one) => !isNegated(one) && !isNull(one)).flatMap((one) => {
      const line = lineOf(one, section, reading);
      if (!line) flags.add('order-without-medicine');
      if (related(one, 'substanceAdministration').some((inner) => !isSig(inner))) flags.add('dose-steps-not-read');
      return line ? [{ line, section }] : [];
    }),
  );
  // Two sections may list the same medicine, by the same number and in the same words.
  const seen = new Set<string>();
  const told = found.filter(({ line }) => line.orderId === undefined || (!seen.has(JSON.stringify(line)) && seen.add(JSON.stringify(line))));
  const lines = apart(told.map(({ line }) => line), ({ orderId = '' }) => orderId);
  const isOfStay = (_: PrescriptionSaid, at: number): boolean => OF_THE_STAY.includes(told[at]!.section);
  return { ofTheStay: lines.filter(isOfStay), others: lines.filter((line, at) => !isOfStay(line, at)), flags: [...flags] };
};
