import type { Code, Facility, StaySaid } from '../../domain/said.js';
import { codedOf, codeOrWords, statusCode, wordsOf, type Coded } from './fhir-codes.js';
import { stayNumbers } from './fhir-numbers.js';
import { readTime } from './fhir-times.js';
import { part, parts, said, text, type Json } from './json-values.js';
import type { Reading } from './reading.js';
import type { Entry, Target } from './references.js';

const MAX_DIAGNOSES = 200;

/** R4 has one class; some write it as a list. */
const classOf = (encounter: Json): string => {
  const [found] = parts(encounter, 'class');
  return text(found, 'code') || text(found, 'display') || codeOrWords(codedOf(found));
};

/** Its number, else its id there, else its name. */
const facilityNamed = (target: Target | undefined): Facility | undefined => {
  if (!target) return undefined;
  const numbers = target.entry ? parts(target.entry.resource, 'identifier') : target.identifier ? [target.identifier] : [];
  const number = numbers.map((one) => text(one, 'value')).find((value) => value !== '') ?? '';
  const name = text(target.entry?.resource, 'name') || target.display;
  const place = target.entry ? target.entry.place : target.place;
  const code = number || (place?.id ?? '') || name;
  return code === '' ? undefined : { code, ...said('name', name) };
};

/** Who provides the stay; else whose location it is, or the location itself; else the sender, as where HL7 v2 names no facility. */
const facilityOf = (entry: Entry, reading: Reading): Facility => {
  const provider = facilityNamed(reading.resolve(part(entry.resource, 'serviceProvider'), entry));
  if (provider) return provider;
  for (const one of parts(entry.resource, 'location')) {
    const location = reading.resolve(part(one, 'location'), entry);
    const owner = location?.entry && reading.resolve(part(location.entry.resource, 'managingOrganization'), location.entry);
    const named = facilityNamed(owner) ?? facilityNamed(location);
    if (named) return named;
  }
  return { code: reading.sender };
};

/** What rules know: NUBC and FHIR's own code set before a terminology's. */
const DISPOSITIONS = /discharge-disposition|nubc\.org/i;

const dispositionOf = (hospitalization: Json | undefined): string => codeOrWords(codedOf(part(hospitalization, 'dischargeDisposition'), DISPOSITIONS));

const destinationOf = (hospitalization: Json | undefined, entry: Entry, reading: Reading): string => {
  const target = reading.resolve(part(hospitalization, 'destination'), entry);
  return target ? text(target.entry?.resource, 'name') || target.display : '';
};

const codeOf = (coded: Coded): readonly Code[] => {
  const code = codeOrWords(coded);
  const display = wordsOf({ text: coded.display ?? coded.text });
  return code === '' ? [] : [{ code, ...said('system', coded.system), ...said('display', display) }];
};

const NOT_A_DIAGNOSIS: readonly string[] = ['entered-in-error', 'refuted'];

const conditionCode = ({ resource, type }: Entry): readonly Code[] =>
  type !== 'Condition' || NOT_A_DIAGNOSIS.includes(statusCode(resource, 'verificationStatus')) ? [] : codeOf(codedOf(part(resource, 'code')));

/** What the encounter lists, in its order; what conditions say of it; why it was, last. Each code once. */
const diagnosesOf = (entry: Entry, reading: Reading): readonly Code[] => {
  const listed = parts(entry.resource, 'diagnosis').flatMap((one): readonly Code[] => {
    const target = reading.resolve(part(one, 'condition'), entry);
    return target?.entry ? conditionCode(target.entry) : codeOf({ display: target?.display || undefined });
  });
  const pointing = (reading.links.conditions.get(entry) ?? []).flatMap(conditionCode);
  const reasons = parts(entry.resource, 'reasonCode').flatMap((one) => codeOf(codedOf(one)));
  const all = [...listed, ...pointing, ...reasons];
  return [...new Map(all.map((one) => [`${one.system ?? ''}|${one.code}`, one])).values()].slice(0, MAX_DIAGNOSES);
};

/** The stay as its Encounter, and what points at it, have it. */
export const stayOf = (entry: Entry, reading: Reading): StaySaid => {
  const { resource } = entry;
  const hospitalization = part(resource, 'hospitalization');
  return {
    ...stayNumbers(entry, reading),
    ...said('encounterClass', classOf(resource)),
    facility: facilityOf(entry, reading),
    zone: reading.zone,
    ...said('admittedAt', readTime(text(part(resource, 'period'), 'start'), reading.zone)?.instant),
    diagnoses: diagnosesOf(entry, reading),
    ...said('disposition', dispositionOf(hospitalization)),
    ...said('destination', destinationOf(hospitalization, entry, reading)),
  };
};
