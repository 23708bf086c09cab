import { readDate } from '../../domain/hl7-time.js';
import type { Identifier, PatientSaid } from '../../domain/said.js';
import { all, attribute, first, idsOf, isNull, SDTC, textOf, type InstanceId } from './cda-values.js';
import type { Reason, XmlElement } from './xml-tree.js';

/** Whose numbers are whose. */
export interface Authorities {
  readonly own: string;
  /** OID -> the name by which the sender's other messages know it. */
  readonly named: Readonly<Record<string, string>>;
}

const MAX_IDENTIFIERS = 50;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Roots that say what kind of number it is (HL7's OID registry); any other number is a record's. */
const NATIONAL = ['2.16.840.1.113883.2.1.4.1'];
const INDEX = ['2.16.840.1.113883.4.572', '2.16.840.1.113883.4.927'];
/** Social security, driver's licences, passports, NPI: real, but they match no one. */
const NEVER = /^2\.16\.840\.1\.113883\.4\.(?:1|3(?:\.\d+)*|330(?:\.\d+)*|6)$/;

export const authorityOf = (root: string, { named }: Authorities): string => named[root] ?? named[`urn:oid:${root}`] ?? `urn:oid:${root}`;

/** A root without an extension is one person's only where it is a UUID: an OID alone names whoever gives numbers. */
const identifierOf = ({ root, extension }: InstanceId, authorities: Authorities): readonly Identifier[] => {
  if (NEVER.test(root)) return [];
  if (extension === undefined) return UUID.test(root) ? [{ kind: 'record-number', own: false, authority: 'urn:ietf:rfc:3986', value: root.toLowerCase() }] : [];
  const authority = authorityOf(root, authorities);
  const kind = NATIONAL.includes(root) ? 'national-number' : INDEX.includes(root) ? 'person-index' : 'record-number';
  return [{ kind, own: authority === authorities.own, authority, value: extension }];
};

/** The legal name if it is marked as such, else the first that has one; of its parts not those of birth or of nicknames. */
const nameOf = (patient: XmlElement | undefined): PatientSaid['name'] => {
  const names = all(patient, 'name').filter((name) => textOf(name) !== '');
  const best = names.find((name) => attribute(name, 'use') === 'L') ?? names[0];
  if (best === undefined) return undefined;
  const part = (kind: string): string => all(best, kind).filter((one) => !/^(?:BR|CL)$/.test(attribute(one, 'qualifier') ?? '')).map(textOf).find((text) => text !== '') ?? '';
  const [family, given] = [part('family'), part('given')];
  return family === '' && given === '' ? { family: textOf(best), given: '' } : { family, given };
};

const phoneOf = (role: XmlElement): string | undefined => {
  const phones = all(role, 'telecom').filter((one) => /^(?:tel:|[+\d(])/.test(attribute(one, 'value') ?? '') && /\d/.test(attribute(one, 'value')!));
  const best = ['HP', 'MC', 'H'].map((use) => phones.find((one) => attribute(one, 'use')?.split(' ').includes(use))).find((one) => one !== undefined) ?? phones[0];
  return attribute(best, 'value')?.replace(/^tel:\s*/, '');
};

const languageOf = (patient: XmlElement | undefined): string | undefined => {
  const spoken = all(patient, 'languageCommunication');
  const best = spoken.find((one) => attribute(first(one, 'preferenceInd'), 'value') === 'true') ?? spoken[0];
  return attribute(first(best, 'languageCode'), 'code');
};

/** As PID-8 has it (HL7 table 0001): "undifferentiated" is its "other". */
const SEXES: Readonly<Record<string, string>> = { M: 'M', F: 'F', UN: 'O' };

const deathOf = (patient: XmlElement | undefined): boolean | undefined => {
  if (all(patient, 'deceasedTime', SDTC).some((time) => /^\d{4}/.test(attribute(time, 'value') ?? ''))) return true;
  const said = attribute(all(patient, 'deceasedInd', SDTC)[0], 'value');
  return said === undefined ? undefined : said === 'true' || said === '1';
};

export type PersonRead = { readonly patient: PatientSaid; readonly flags: readonly string[] } | { readonly reasons: readonly Reason[] };

/** Numbers under OIDs that nobody told us of: the person of the sender's other messages is not found by them. */
const unmapped = (identifiers: readonly Identifier[]): boolean => identifiers.length > 0 && identifiers.every(({ kind, own, authority }) => kind === 'record-number' && !own && authority.startsWith('urn:oid:'));

const ROLE = 'recordTarget/patientRole';

/** The one person that the document is about. */
export const readRecordTarget = (root: XmlElement, authorities: Authorities): PersonRead => {
  const [role, ...others] = all(root, 'recordTarget').map((target) => first(target, 'patientRole')).filter((one) => one !== undefined);
  if (!role) return { reasons: [{ code: 100, where: ROLE, text: 'Nobody is named that the document is about' }] };
  if (others.length > 0) return { reasons: [{ code: 100, where: 'recordTarget', text: 'More than one recordTarget: send one document for each patient' }] };
  const ids = idsOf(role);
  if (ids.length === 0) return { reasons: [{ code: 101, where: `${ROLE}/id`, text: 'No number that says who the patient is' }] };
  const identifiers = ids.slice(0, MAX_IDENTIFIERS).flatMap((id) => identifierOf(id, authorities));
  const patient = first(role, 'patient');
  const born = attribute(first(patient, 'birthTime'), 'value');
  const birthDate = born === undefined ? undefined : readDate(born);
  const gender = first(patient, 'administrativeGenderCode');
  const sex = isNull(gender) ? undefined : SEXES[attribute(gender, 'code') ?? ''];
  const deceased = deathOf(patient);
  return {
    patient: { identifiers, name: nameOf(patient), birthDate, sex, phone: phoneOf(role), language: languageOf(patient), ...(deceased === undefined ? {} : { deceased }) },
    flags: [...(identifiers.length === 0 ? ['matches-nobody'] : []), ...(unmapped(identifiers) ? ['authority-not-mapped'] : []), ...(born !== undefined && birthDate === undefined ? ['birth-date-partial'] : [])],
  };
};
