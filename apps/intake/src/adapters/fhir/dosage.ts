import type { PrescriptionSaid } from '../../domain/said.js';
import { codedOf, wordsOf } from './fhir-codes.js';
import { readTime } from './fhir-times.js';
import { entryFor, part, parts, said, text, texts, type Json } from './json-values.js';

const MAX_WORDS = 1_000;

const unitOf = (quantity: Json | undefined): string => text(quantity, 'unit') || text(quantity, 'code');

const quantityDose = (quantity: Json | undefined): PrescriptionSaid['dose'] | undefined => {
  const value = text(quantity, 'value');
  return value === '' ? undefined : { value, ...said('unit', unitOf(quantity)) };
};

const rangeDose = (range: Json | undefined): PrescriptionSaid['dose'] | undefined => {
  const [low, high] = [part(range, 'low'), part(range, 'high')];
  const [from, to] = [text(low, 'value'), text(high, 'value')];
  if (from === '' || to === '' || from === to) return quantityDose(from === '' ? high : low);
  return { value: `${from}-${to}`, ...said('unit', unitOf(low) || unitOf(high)) };
};

/** `doseAndRate` since R4; before, and of a dose that was given, beside the rest. A rate is not a dose. */
const doseOf = (dosage: Json): PrescriptionSaid['dose'] | undefined => {
  for (const one of [...parts(dosage, 'doseAndRate'), dosage]) {
    const dose = quantityDose(part(one, 'doseQuantity') ?? part(one, 'doseSimpleQuantity') ?? part(one, 'dose')) ?? rangeDose(part(one, 'doseRange'));
    if (dose) return dose;
  }
  return undefined;
};

const UNITS: Readonly<Record<string, string>> = { s: 's', min: 'min', h: 'h', d: 'day', wk: 'week', mo: 'month', a: 'year' };
const EVENTS: Readonly<Record<string, string>> = {
  MORN: 'in the morning', AFT: 'in the afternoon', EVE: 'in the evening', NIGHT: 'at night', HS: 'at bedtime', WAKE: 'on waking',
  AC: 'before meals', ACM: 'before breakfast', ACD: 'before lunch', ACV: 'before dinner', PC: 'after meals', C: 'with meals', CM: 'with breakfast', CD: 'with lunch', CV: 'with dinner',
};

const upTo = (repeat: Json, least: string, most: string): string => [text(repeat, least), text(repeat, most)].filter((one) => one !== '').join('-');

/** `every 8 h`, `2 times per day`, `1-2 times every 3 days`. */
const frequencyWords = (repeat: Json): string => {
  const [times, period, unit] = [upTo(repeat, 'frequency', 'frequencyMax') || '1', upTo(repeat, 'period', 'periodMax'), entryFor(UNITS, text(repeat, 'periodUnit'))];
  if (period === '' || unit === undefined) return '';
  const plural = unit.length > 3 || unit === 'day' ? `${unit}s` : unit;
  const every = period === '1' ? `every ${unit}` : `every ${period} ${plural}`;
  if (times === '1') return every;
  return period === '1' ? `${times} times per ${unit}` : `${times} times ${every}`;
};

const repeatWords = (repeat: Json): string =>
  [
    frequencyWords(repeat),
    texts(repeat, 'dayOfWeek').join(', '),
    texts(repeat, 'timeOfDay').map((time) => time.replace(/:00$/, '')).join(', '),
    texts(repeat, 'when').map((code) => entryFor(EVENTS, code) ?? code).join(', '),
  ].filter((words) => words !== '').join(', ');

const asNeeded = (dosage: Json): string => {
  if (dosage['asNeededBoolean'] === true) return 'as needed';
  const reason = wordsOf(codedOf(part(dosage, 'asNeededCodeableConcept')));
  return reason === '' ? '' : `as needed: ${reason}`;
};

/** The code where the source gives one (`BID`, `Q4H`); what it spells out (`repeat`) is told in words, never turned into a code. */
const timingOf = (dosage: Json, zone: string): PrescriptionSaid['timing'] | undefined => {
  const timing = part(dosage, 'timing');
  const repeat = part(timing, 'repeat') ?? {};
  const { code, display, text: words } = codedOf(part(timing, 'code'));
  const [bounds, length] = [part(repeat, 'boundsPeriod'), part(repeat, 'boundsDuration')];
  const found = {
    ...said('code', code),
    ...said('text', [words || (code === undefined ? display : '') || repeatWords(repeat), asNeeded(dosage)].filter(Boolean).join(', ')),
    ...said('duration', [text(length, 'value'), text(length, 'value') && unitOf(length)].filter(Boolean).join(' ')),
    ...said('startsAt', readTime(text(bounds, 'start'), zone)?.instant),
    ...said('endsAt', readTime(text(bounds, 'end'), zone)?.instant),
  };
  return Object.keys(found).length > 0 ? found : undefined;
};

const directionsOf = (dosage: Json): readonly string[] => {
  const whole = text(dosage, 'text');
  if (whole !== '') return [whole];
  return [text(dosage, 'patientInstruction'), ...parts(dosage, 'additionalInstruction').map((one) => wordsOf(codedOf(one)))].filter((words) => words !== '');
};

/** How a medicine is taken: dose, route and timing of the first instruction, the directions of all of them. */
export const dosageOf = (dosages: readonly Json[], zone: string): Pick<PrescriptionSaid, 'dose' | 'route' | 'directions' | 'timing'> => {
  const [first] = dosages;
  if (!first) return {};
  return {
    ...said('dose', doseOf(first)),
    ...said('route', wordsOf(codedOf(part(first, 'route')))),
    ...said('directions', dosages.flatMap(directionsOf).join('; ').slice(0, MAX_WORDS).toWellFormed()),
    ...said('timing', timingOf(first, zone)),
  };
};
