import { gravest } from '../../domain/abnormal-flags.js';
import { analyteOf } from '../../domain/analytes.js';
import type { StatementSaid } from '../../domain/statement.js';
import { codedOf, codesOf, saysNothing } from './fhir-codes.js';
import { readReferral } from './fhir-referral.js';
import { frameOf, stated } from './fhir-statements.js';
import { numbersOf } from './fhir-numbers.js';
import { choiceOfTime, readTime } from './fhir-times.js';
import { entryFor, part, parts, said, text, type Json } from './json-values.js';
import { onlyFlag, type Reader, type Reading } from './reading.js';
import type { Entry } from './references.js';
import { ofAnySubject, ofSubject } from './subject.js';

type Of<K extends StatementSaid['kind']> = Extract<StatementSaid, { kind: K }>;
type Result = Of<'test-result'>['says'];
type Value = NonNullable<Result['values']>[number];

const IN_ERROR = 'entered-in-error';
const RESULT_STATUS: Readonly<Record<string, Result['status']>> = {
  registered: 'registered', partial: 'preliminary', preliminary: 'preliminary', final: 'final',
  amended: 'corrected', corrected: 'corrected', appended: 'corrected', cancelled: 'cancelled', [IN_ERROR]: 'cancelled',
};

const flagsIn = (observation: Json): readonly string[] => [observation, ...parts(observation, 'component')].flatMap((one) => codesOf(one, 'interpretation'));

/** A number, with its comparator where it is only a bound; a text where that is all there is. */
const valueOf = (observation: Json): Pick<Value, 'value' | 'unit'> | undefined => {
  const quantity = part(observation, 'valueQuantity');
  const value = text(quantity, 'value') || text(observation, 'valueString') || text(observation, 'valueInteger');
  return value === '' ? undefined : { value: `${text(quantity, 'comparator')}${value}`, ...said('unit', text(quantity, 'unit') || text(quantity, 'code')) };
};

/** The values that rules look at: the observation's own, and its components'. */
const valuesOf = (observation: Json): readonly Value[] =>
  [observation, ...parts(observation, 'component')].flatMap((one) => {
    const analyte = parts(part(one, 'code'), 'coding').map((coding) => analyteOf({ code: text(coding, 'code'), system: text(coding, 'system') })).find((found) => found !== undefined);
    const value = analyte && valueOf(one);
    return value ? [{ analyte, ...value, ...said('abnormal', gravest(codesOf(one, 'interpretation'))) }] : [];
  });

const ordersOf = (entry: Entry, reading: Reading): readonly string[] =>
  [...new Set(parts(entry.resource, 'basedOn').flatMap((one) => { const target = reading.resolve(one, entry); return target ? numbersOf(target, reading) : []; }))];

const resultOf = (entry: Entry, reading: Reading, observations: readonly Json[]): Of<'test-result'> => {
  const { resource } = entry;
  const [orders, values] = [ordersOf(entry, reading), observations.flatMap(valuesOf)];
  return {
    kind: 'test-result',
    ...frameOf(entry, reading, part(resource, 'encounter'), text(resource, 'status') === IN_ERROR),
    says: {
      code: codedOf(part(resource, 'code')),
      status: entryFor(RESULT_STATUS, text(resource, 'status')) ?? 'unknown',
      ...(orders.length > 0 ? { orders: [...orders] } : {}),
      ...said('observedAt', choiceOfTime(resource, 'effective', reading.zone)),
      ...said('reportedAt', readTime(text(resource, 'issued'), reading.zone)?.instant),
      ...said('abnormal', gravest(observations.flatMap(flagsIn))),
      ...(values.length > 0 ? { values: [...values] } : {}),
    },
  };
};

const LABORATORY: readonly string[] = ['laboratory', 'LAB'];
const measures = (observation: Json): boolean => valuesOf(observation).length > 0;

/**
 * A laboratory's result that stands alone. What else is observed (vital signs, surveys, a social history) stays in the
 * message that brought it, and what a report of the same message tells of is told by the report.
 */
export const readObservation: Reader = (entry, reading) => {
  const { resource } = entry;
  const categories = codesOf(resource, 'category');
  const laboratory = categories.some((code) => LABORATORY.includes(code)) || (categories.length === 0 && measures(resource));
  if (!laboratory) return onlyFlag('kept-only');
  if (reading.links.reported.has(entry)) return { facts: [], flags: [], reasons: [] };
  if (saysNothing(codedOf(part(resource, 'code')))) return onlyFlag('without-code');
  return ofAnySubject(entry, reading, part(resource, 'subject'), (subject) => stated(subject, resultOf(entry, reading, [resource])));
};

/** LOINC: notes that some systems send as reports; they are no results of a test. */
const NOTES: readonly string[] = ['34117-2', '51847-2', '11506-3', '28570-0', '34109-9'];

export const readReport: Reader = (entry, reading) => {
  const { resource } = entry;
  if (codesOf(resource, 'category').some((code) => NOTES.includes(code))) return onlyFlag('kept-only');
  const observations = parts(resource, 'result').flatMap((one): readonly Json[] => {
    const found = reading.resolve(one, entry)?.entry;
    return found ? [found.resource] : [];
  });
  return ofAnySubject(entry, reading, part(resource, 'subject'), (subject) => stated(subject, resultOf(entry, reading, observations)));
};

/** SNOMED CT, HL7 table 0074 and words: laboratory, imaging, diagnostic and evaluation procedures. */
const TESTS: readonly string[] = ['108252007', '363679005', '103693007', '386053000', '15220000', 'LAB', 'RAD', 'laboratory', 'imaging', 'diagnostics'];
const REFERRAL = '3457005';
/** LOINC names what is observed: whoever asks for it asks for a test. */
const isLoinc = (concept: Json | undefined): boolean => parts(concept, 'coding').some((coding) => /loinc\.org/.test(text(coding, 'system')));

const ORDER_STATUS: Readonly<Record<string, Of<'test-order'>['says']['status']>> = {
  active: 'ordered', 'on-hold': 'on-hold', revoked: 'cancelled', completed: 'completed', [IN_ERROR]: 'cancelled',
};

/**
 * A referral is taken where it is sent for us to act on. In a bundle it has to be called one: what else is asked for there may be
 * asked of somebody else.
 */
const isReferral = (resource: Json, { asksUs, bundled }: Reading): boolean => {
  const categories = codesOf(resource, 'category');
  return asksUs && (categories.includes(REFERRAL) || (!bundled && categories.length === 0 && !isLoinc(part(resource, 'code'))));
};

/** Why a request orders no test, if so. */
const noTest = (resource: Json): string | undefined => {
  if (resource['doNotPerform'] === true) return 'do-not-perform';
  if (text(resource, 'status') === 'draft') return 'only-a-draft';
  if (['proposal', 'option', 'directive'].includes(text(resource, 'intent'))) return 'only-proposed';
  const categories = codesOf(resource, 'category');
  if (categories.includes(REFERRAL)) return 'referral-not-taken';
  const code = part(resource, 'code');
  if (categories.some((one) => TESTS.includes(one)) || (categories.length === 0 && isLoinc(code))) return undefined;
  return categories.length === 0 ? 'referral-not-taken' : 'kept-only';
};

export const readRequest: Reader = (entry, reading) => {
  const { resource } = entry;
  const flag = noTest(resource);
  if (flag === 'referral-not-taken' && isReferral(resource, reading)) return readReferral(entry, reading);
  if (flag !== undefined) return onlyFlag(flag);
  const code = codedOf(part(resource, 'code'));
  if (saysNothing(code)) return onlyFlag('without-code');
  return ofSubject(entry, reading, 'subject', (subject) => {
    const statement: Of<'test-order'> = {
      kind: 'test-order',
      ...frameOf(entry, reading, part(resource, 'encounter'), text(resource, 'status') === IN_ERROR),
      says: {
        code,
        status: entryFor(ORDER_STATUS, text(resource, 'status')) ?? 'unknown',
        ...said('orderedAt', readTime(text(resource, 'authoredOn'), reading.zone)?.instant),
        ...said('wantedAt', choiceOfTime(resource, 'occurrence', reading.zone)),
      },
    };
    return stated(subject, statement);
  });
};
