import type { PrescriptionSaid } from '../../domain/said.js';
import { all, attribute, first, isNull } from './cda-values.js';
import { codedOf, wordsFor } from './coded-values.js';
import type { Reading } from './reading.js';
import type { XmlElement } from './xml-tree.js';

/** UCUM -> words, and hours where a day can be divided by them. */
const UNITS: Readonly<Record<string, { readonly word: string; readonly hours?: number }>> = {
  s: { word: 'second' }, min: { word: 'minute' }, h: { word: 'hour', hours: 1 }, d: { word: 'day', hours: 24 }, wk: { word: 'week' }, mo: { word: 'month' }, a: { word: 'year' },
};

/** HL7 v3 TimingEvent: meals (C), before (A) and after (P) them, sleep. */
const MEALS: Readonly<Record<string, string>> = { '': 'meals', M: 'breakfast', D: 'lunch', V: 'dinner' };
const eventWords = (code: string): string => {
  if (code === 'HS') return 'at bedtime';
  if (code === 'WAKE') return 'on waking';
  const [, when, meal] = /^(A|P|I|)C(M|D|V|)$/.exec(code) ?? [];
  if (meal === undefined) return code;
  return `${{ A: 'before', P: 'after', I: 'between' }[when!] ?? 'with'} ${MEALS[meal]!}`;
};

/** Half a day is said in hours. */
const said = (value: string, unit: string): readonly [value: string, unit: string] => {
  const amount = Number(value);
  return unit === 'd' && amount > 0 && amount < 1 ? [String(amount * 24), 'h'] : [value.startsWith('.') ? `0${value}` : value, unit];
};

/**
 * PIVL: `every 6 hours`; where the hours are left to whoever gives it (institutionSpecified), `4 times a day`, with the period
 * beside it, because senders also write that of a medicine that is taken as needed.
 */
const periodWords = (periodic: XmlElement): string => {
  const period = first(periodic, 'period');
  const [low, high] = [first(period, 'low'), first(period, 'high')];
  const of = (element: XmlElement | undefined): string => attribute(element, 'value') ?? '';
  const [value, code] = said(low || high ? [of(low), of(high)].filter((one) => one !== '').join('-') : of(period), attribute(period, 'unit') ?? attribute(low ?? high, 'unit') ?? '');
  if (value === '' || code === '') return '';
  const unit = UNITS[code];
  const every = unit === undefined ? `every ${value} ${code}` : value === '1' ? `every ${unit.word}` : `every ${value} ${unit.word}s`;
  const times = periodic.attributes.get('institutionSpecified') === 'true' && unit?.hours ? 24 / (Number(value) * unit.hours) : 0;
  if (!Number.isInteger(times) || times < 1) return every;
  return times === 1 ? 'once a day' : `${times} times a day (${every})`;
};

/** EIVL: a code of its own, and perhaps an offset from the event. */
const eventOf = (element: XmlElement): string | undefined => attribute(first(element, 'event'), 'code');

/** GTS: a time may be put together from several. */
const timesOf = (element: XmlElement): readonly XmlElement[] => [element, ...all(element, 'comp').flatMap(timesOf)];

const isPeriodic = (time: XmlElement): boolean => first(time, 'period') !== undefined;
const isEvent = (time: XmlElement): boolean => first(time, 'event') !== undefined;
const isInterval = (time: XmlElement): boolean => !isPeriodic(time) && !isEvent(time) && (['low', 'high', 'width'].some((name) => first(time, name) !== undefined) || attribute(time, 'value') !== undefined);

export interface Span {
  readonly startsAt?: string | undefined;
  readonly endsAt?: string | undefined;
  readonly duration?: string | undefined;
  /** One point in time: it was given then, or shall be. */
  readonly once: boolean;
}

export const spanOf = (administration: XmlElement, reading: Reading): Span => {
  const time = all(administration, 'effectiveTime').flatMap(timesOf).find(isInterval);
  const [low, high, width] = ['low', 'high', 'width'].map((name) => first(time, name));
  const point = reading.time(time);
  const duration = [attribute(width, 'value'), attribute(width, 'unit')].filter((part) => part !== undefined).join(' ');
  return { startsAt: (reading.time(low) ?? point)?.instant, endsAt: reading.time(high)?.instant, duration: duration || undefined, once: point !== undefined && low === undefined };
};

/** Given only when something holds. A criterion that is left open is "as needed". */
const conditionOf = (administration: XmlElement, reading: Reading): string => {
  const criteria = all(administration, 'precondition').filter((one) => !isNull(one)).map((one) => first(one, 'criterion'));
  if (criteria.length === 0) return '';
  const what = criteria.map((criterion) => wordsFor(codedOf(first(criterion, 'value'), reading)) ?? reading.words(first(criterion, 'text'))).filter((words) => words !== '');
  return what.length === 0 ? 'as needed' : `as needed (${what.join(', ')})`;
};

export const timingOf = (administration: XmlElement, reading: Reading): PrescriptionSaid['timing'] => {
  const times = all(administration, 'effectiveTime').flatMap(timesOf);
  const codes = times.filter(isEvent).map(eventOf).filter((code) => code !== undefined);
  const text = [...times.filter(isPeriodic).map(periodWords), ...codes.map(eventWords), conditionOf(administration, reading)].filter((words) => words !== '').join(', ');
  const { startsAt, endsAt, duration } = spanOf(administration, reading);
  const timing = {
    ...(codes.length === 1 ? { code: codes[0]! } : {}),
    ...(text === '' ? {} : { text }),
    ...(duration === undefined ? {} : { duration }),
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(endsAt === undefined ? {} : { endsAt }),
  };
  return Object.keys(timing).length > 0 ? timing : undefined;
};
