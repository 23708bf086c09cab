/**
 * JSON read without trust. What was validated has the shapes that FHIR gives it; what an operator has read again may not,
 * and neither may stop a reader: a value of another shape is a value that is not there.
 */
export type Json = Readonly<Record<string, unknown>>;

/** Nothing that we take from a message is longer; the message itself is kept whole. */
const MAX_TEXT = 1_000;

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export const part = (from: Json | undefined, key: string): Json | undefined => {
  const value = from?.[key];
  return isObject(value) ? value : undefined;
};

/** A lone object stands for a list of one. */
export const parts = (from: Json | undefined, key: string): readonly Json[] => {
  const value = from?.[key];
  if (Array.isArray(value)) return value.filter(isObject);
  return isObject(value) ? [value] : [];
};

/** As a database takes it: no NUL, no half of a surrogate pair. */
const clean = (value: string): string => value.slice(0, MAX_TEXT).replaceAll('\u0000', '').toWellFormed().trim();

/** Empty where nothing is said. A number is read as its digits. */
export const text = (from: Json | undefined, key: string): string => {
  const value = from?.[key];
  if (typeof value === 'string') return clean(value);
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
};

export const texts = (from: Json | undefined, key: string): readonly string[] => {
  const value = from?.[key];
  return (Array.isArray(value) ? value : [value]).flatMap((one: unknown) => (typeof one === 'string' && clean(one) !== '' ? [clean(one)] : []));
};

/** What a table says of a word that came in: never what every object has, such as `constructor`. */
export const entryFor = <V>(table: Readonly<Record<string, V>>, word: string): V | undefined => (Object.hasOwn(table, word) ? table[word] : undefined);

/** A part of our words, or nothing where the message says nothing. */
export const said = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } => (value === undefined || value === '' ? {} : { [key]: value }) as { [P in K]?: V };
