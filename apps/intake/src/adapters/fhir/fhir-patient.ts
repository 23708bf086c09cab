import { identifierKind } from '../../domain/identifier-kind.js';
import type { Identifier, PatientSaid } from '../../domain/said.js';
import { codedOf, wordsOf } from './fhir-codes.js';
import { serverOf } from './fhir-numbers.js';
import { readDate } from './fhir-times.js';
import { entryFor, part, parts, text, texts, type Json } from './json-values.js';
import type { Person, Reading } from './reading.js';
import type { Entry, Place, Target } from './references.js';

const MAX_VALUE = 200;
const MAX_IDENTIFIERS = 50;

/** Social security, driving licences, passports, taxes: real, but they match no one, whatever type they are given. */
const NEVER_SYSTEM = /(^|\/)us-ssn$|^urn:oid:2\.16\.840\.1\.113883\.4\.(1$|3\.)|\/passport/i;
const NEVER_TYPE: readonly string[] = ['PPN', 'TAX'];
const NEVER_WORDS = /social security|driv(er|ing)|passport|licen[cs]e|account/i;

/** HL7 table 0203 where the type is of it, else the sender's own code; the words alone only where they say that it is none. */
const kindOf = (identifier: Json): Identifier['kind'] | undefined => {
  const type = part(identifier, 'type');
  const codings = parts(type, 'coding').filter((one) => text(one, 'code') !== '');
  const code = text(codings.find((one) => text(one, 'system').endsWith('0203')) ?? codings[0], 'code');
  if (NEVER_SYSTEM.test(text(identifier, 'system')) || NEVER_TYPE.includes(code.toUpperCase()) || NEVER_WORDS.test(text(type, 'text'))) return undefined;
  if (code === '' && /\/us-mbi$/.test(text(identifier, 'system'))) return identifierKind('MC');
  return identifierKind(code);
};

const identifierOf = (identifier: Json, reading: Reading): readonly Identifier[] => {
  const [system, value] = [text(identifier, 'system'), text(identifier, 'value')];
  const kind = kindOf(identifier);
  if (value === '' || value.length > MAX_VALUE || kind === undefined) return [];
  const authority = (system === '' ? reading.ownAuthority : reading.authorityOf(system)).slice(0, MAX_VALUE).toWellFormed();
  return [{ kind, own: authority === reading.ownAuthority, authority, value }];
};

/** Where a server keeps the record: what a later `Patient/1` finds the person by. */
const onServer = (place: Place | undefined, reading: Reading): readonly Identifier[] =>
  place ? [{ kind: 'person-index', own: false, authority: serverOf(place, reading).slice(0, MAX_VALUE).toWellFormed(), value: place.id }] : [];

/** The official name, else the usual one, else the first that is not an old one. */
const nameOf = (patient: Json): PatientSaid['name'] => {
  const names = parts(patient, 'name').filter((one) => text(one, 'family') !== '' || texts(one, 'given').length > 0 || text(one, 'text') !== '');
  const used = (...uses: readonly string[]): Json | undefined => names.find((one) => uses.includes(text(one, 'use')));
  const best = used('official') ?? used('usual') ?? used('') ?? used('nickname', 'temp', 'anonymous') ?? names[0];
  if (!best) return undefined;
  const [family, given] = [text(best, 'family'), texts(best, 'given')[0] ?? ''];
  return family === '' && given === '' ? { family: text(best, 'text'), given: '' } : { family, given };
};

const phoneOf = (patient: Json): string | undefined => {
  const phones = parts(patient, 'telecom').filter((one) => text(one, 'system') === 'phone' && text(one, 'use') !== 'old');
  return phones.map((one) => text(one, 'value').slice(0, MAX_VALUE).toWellFormed()).find((number) => /\d/.test(number));
};

const languageOf = (patient: Json): string | undefined => {
  const spoken = parts(patient, 'communication');
  const { code, ...words } = codedOf(part(spoken.find((one) => one['preferred'] === true) ?? spoken[0], 'language'));
  return code ?? (wordsOf(words) || undefined);
};

/** FHIR's words -> HL7 table 0001, as it is kept. */
const SEX: Readonly<Record<string, string>> = { male: 'M', female: 'F', other: 'O', unknown: 'U' };

const deathOf = (patient: Json): boolean | undefined => {
  if (/^\d{4}/.test(text(patient, 'deceasedDateTime'))) return true;
  return typeof patient['deceasedBoolean'] === 'boolean' ? patient['deceasedBoolean'] : undefined;
};

const patientSaid = (patient: Json, identifiers: readonly Identifier[]): PatientSaid => {
  const deceased = deathOf(patient);
  return {
    identifiers,
    name: nameOf(patient),
    birthDate: readDate(text(patient, 'birthDate')),
    sex: entryFor(SEX, text(patient, 'gender')),
    phone: phoneOf(patient),
    language: languageOf(patient),
    ...(deceased === undefined ? {} : { deceased }),
  };
};

const nobody = (identifiers: readonly Identifier[]): readonly string[] => (identifiers.length === 0 ? ['matches-nobody'] : []);

/** An entry is of one message: who it is, is read once. */
const known = new WeakMap<Entry, Person>();

/** The person of a Patient resource. */
export const personOf = (entry: Entry, reading: Reading): Person => {
  const person = known.get(entry) ?? readPerson(entry, reading);
  known.set(entry, person);
  return person;
};

const readPerson = (entry: Entry, reading: Reading): Person => {
  const { resource, place } = entry;
  const numbers = parts(resource, 'identifier').slice(0, MAX_IDENTIFIERS).flatMap((one) => identifierOf(one, reading));
  const identifiers = [...numbers, ...onServer(place, reading)];
  const birthDate = text(resource, 'birthDate');
  return {
    key: entry.where,
    patient: patientSaid(resource, identifiers),
    flags: [...nobody(identifiers), ...(birthDate !== '' && readDate(birthDate) === undefined ? ['birth-date-partial'] : [])],
  };
};

/** The person whom a reference names: the resource, or no more than a number. */
export const personOfTarget = (target: Target, reading: Reading): Person => {
  if (target.entry) return personOf(target.entry, reading);
  const identifiers = [...(target.identifier ? identifierOf(target.identifier, reading) : []), ...onServer(target.place, reading)];
  return { key: JSON.stringify(identifiers), patient: { identifiers }, flags: [...nobody(identifiers), ...(reading.bundled ? ['reference-outside'] : [])] };
};
