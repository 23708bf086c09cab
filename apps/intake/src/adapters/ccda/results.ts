import { gravest } from '../../domain/abnormal-flags.js';
import { analyteOf } from '../../domain/analytes.js';
import type { StatementSaid } from '../../domain/statement.js';
import { all, attribute, first, isNegated, isNull, ownNumber, textOf } from './cda-values.js';
import { codedOf, codings } from './coded-values.js';
import { wasWithdrawn } from './problems.js';
import type { Reading } from './reading.js';
import { inEntry } from './sections.js';
import type { XmlElement } from './xml-tree.js';

type Result = Extract<StatementSaid, { kind: 'test-result' }>;
type Value = NonNullable<Result['says']['values']>[number];

const flagOf = (observation: XmlElement): string | undefined =>
  gravest(all(observation, 'interpretationCode').flatMap((one) => attribute(one, 'code') ?? []));

/** PQ, a number as text, or an interval that is open at one end (`<5`). */
const valueOf = (value: XmlElement | undefined): { readonly value: string; readonly unit?: string } | undefined => {
  if (value === undefined || isNull(value)) return undefined;
  const [low, high] = [first(value, 'low'), first(value, 'high')];
  const [least, most] = [attribute(low, 'value'), attribute(high, 'value')];
  const sign = (end: XmlElement | undefined, open: string): string => (end?.attributes.get('inclusive') === 'false' ? open : `${open}=`);
  const bound = least !== undefined && most !== undefined ? `${least}-${most}` : least !== undefined ? `${sign(low, '>')}${least}` : most !== undefined ? `${sign(high, '<')}${most}` : undefined;
  const text = attribute(value, 'value') ?? bound ?? textOf(value);
  if (text === '') return undefined;
  const unit = [value, low, high].map((one) => attribute(one, 'unit')).find((one) => one !== undefined && one !== '1');
  return { value: text.slice(0, 200), ...(unit === undefined ? {} : { unit }) };
};

const analyteValue = (observation: XmlElement, reading: Reading): readonly Value[] => {
  const analyte = codings(first(observation, 'code')).map((one) => analyteOf(codedOf({ ...one, children: [] }, reading) ?? {})).find((one) => one !== undefined);
  const value = valueOf(first(observation, 'value'));
  if (analyte === undefined || value === undefined) return [];
  const abnormal = flagOf(observation);
  return [{ analyte, ...value, ...(abnormal === undefined ? {} : { abnormal }) }];
};

/** Observations that hold: not denied, not taken back. */
const holds = (observation: XmlElement): boolean => !isNegated(observation) && !['aborted', 'cancelled', 'nullified'].includes(attribute(first(observation, 'statusCode'), 'code') ?? '');

const statusOf = (result: XmlElement, observations: readonly XmlElement[]): Result['says']['status'] => {
  switch (attribute(first(result, 'statusCode'), 'code')) {
    case 'completed':
      return 'final';
    case 'aborted': case 'cancelled':
      return 'cancelled';
    case 'active': case 'suspended': case 'held':
      return observations.some((one) => valueOf(first(one, 'value')) !== undefined) ? 'preliminary' : 'registered';
    default:
      return 'unknown';
  }
};

const observedAt = (result: XmlElement, observations: readonly XmlElement[], reading: Reading): string | undefined =>
  [result, ...observations].map((one) => first(one, 'effectiveTime')).map((time) => reading.time(first(time, 'low')) ?? reading.time(time)).find((time) => time !== undefined)?.instant;

/** A panel, or one observation that stands alone. */
const resultOf = (result: XmlElement, reading: Reading): readonly Result[] => {
  const observations = (result.name === 'organizer' ? all(result, 'component').flatMap((one) => all(one, 'observation')) : [result]).filter(holds);
  const code = codedOf(first(result, 'code'), reading) ?? (observations.length === 1 ? codedOf(first(observations[0], 'code'), reading) : undefined);
  if (!code) return [];
  const number = ownNumber(result);
  const at = observedAt(result, observations, reading);
  const abnormal = gravest(observations.flatMap((one) => flagOf(one) ?? []));
  const values = observations.flatMap((one) => analyteValue(one, reading));
  return [{
    kind: 'test-result',
    ...(number === undefined ? {} : { number }),
    ...wasWithdrawn(result),
    says: { code, status: statusOf(result, observations), ...(at === undefined ? {} : { observedAt: at }), ...(abnormal === undefined ? {} : { abnormal }), ...(values.length > 0 ? { values: [...values] } : {}) },
  }];
};

export const readResults = (entries: readonly XmlElement[], reading: Reading): readonly Result[] =>
  entries
    .flatMap((entry) => {
      const panels = inEntry(entry, 'organizer', ['entry', 'act', 'entryRelationship']);
      return panels.length > 0 ? panels : inEntry(entry, 'observation', ['entry', 'act', 'entryRelationship']).filter(holds);
    })
    .filter((one) => one.attributes.get('moodCode') === 'EVN' || !one.attributes.has('moodCode'))
    .flatMap((one) => resultOf(one, reading));
