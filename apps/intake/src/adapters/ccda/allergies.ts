import { saysNoneKnown } from '../../domain/none-known.js';
import type { StatementSaid } from '../../domain/statement.js';
import { all, attribute, first, isNegated, ownNumber, textOf } from './cda-values.js';
import { codedOf, codings, hasCode, valueWords, type Coded } from './coded-values.js';
import { clinicalStatusOf, observationsOf, wasWithdrawn } from './problems.js';
import type { Reading } from './reading.js';
import type { XmlElement } from './xml-tree.js';

type Allergy = Extract<StatementSaid, { kind: 'allergy' }>;

const OBSERVATION = '2.16.840.1.113883.10.20.22.4.7';
const SNOMED = 'http://snomed.info/sct';

/** Substance, drug, product: none in particular. */
const ANYTHING = ['105590001', '410942007', '373873005', '762766007', '312412007'];

/** "No known ..." by the type of allergy that is denied (C-CDA on FHIR, concept map of no known allergies). */
const ABSENT: Readonly<Record<string, readonly [code: string, display: string]>> = {
  '416098002': ['409137002', 'No known drug allergy'], '419511003': ['409137002', 'No known drug allergy'], '59037007': ['409137002', 'No known drug allergy'],
  '414285001': ['429625007', 'No known food allergy'], '418471000': ['429625007', 'No known food allergy'], '235719002': ['429625007', 'No known food allergy'],
  '426232007': ['428607008', 'No known environmental allergy'],
};
const NO_ALLERGY = ['716186003', 'No known allergy'] as const;

const CATEGORIES: Readonly<Record<string, string>> = {
  '416098002': 'medication', '419511003': 'medication', '59037007': 'medication', '414285001': 'food', '418471000': 'food', '235719002': 'food', '426232007': 'environment',
};
const CRITICALITIES: Readonly<Record<string, string>> = { CRITL: 'low', CRITH: 'high', CRITU: 'unable-to-assess' };
const STATUSES: Readonly<Record<string, string>> = { '55561003': 'active', '73425007': 'inactive', '413322009': 'resolved' };

const substanceOf = (observation: XmlElement): XmlElement | undefined =>
  all(observation, 'participant').filter((one) => attribute(one, 'typeCode') === 'CSM').map((one) => first(one, 'participantRole', 'playingEntity')).find((one) => one !== undefined);

/** Undefined: something in particular is denied ("not allergic to peanuts"), and that is no allergy. */
const absenceOf = (observation: XmlElement, substance: Coded | undefined): Coded | undefined => {
  const value = first(observation, 'value');
  const stated = codings(value).find((one) => saysNoneKnown(attribute(one, 'code')));
  if (stated) return { code: attribute(stated, 'code')!, system: SNOMED, ...(attribute(stated, 'displayName') ? { display: attribute(stated, 'displayName')! } : {}) };
  if (substance?.code !== undefined && !ANYTHING.includes(substance.code)) return undefined;
  if (substance?.code === undefined && substance?.text !== undefined && !/\bno\b/i.test(substance.text)) return undefined;
  const [code, display] = ABSENT[attribute(value, 'code') ?? ''] ?? NO_ALLERGY;
  return { code, system: SNOMED, display };
};

const inner = (observation: XmlElement, is: (relationship: XmlElement, one: XmlElement) => boolean): readonly XmlElement[] =>
  all(observation, 'entryRelationship').flatMap((relationship) => all(relationship, 'observation').filter((one) => is(relationship, one)));

const reactionsOf = (observation: XmlElement, reading: Reading): readonly string[] =>
  inner(observation, (relationship, one) => attribute(relationship, 'typeCode') === 'MFST' && !isNegated(one))
    .map((one) => valueWords(first(one, 'value'), reading) ?? reading.words(first(one, 'text')))
    .filter((words) => words !== '');

const allergyOf = (observation: XmlElement, reading: Reading): readonly Allergy[] => {
  const entity = substanceOf(observation);
  const substance = codedOf(first(entity, 'code'), reading) ?? (textOf(first(entity, 'name')) === '' ? undefined : { text: textOf(first(entity, 'name')) });
  const value = first(observation, 'value');
  const noneKnown = isNegated(observation) || codings(value).some((one) => saysNoneKnown(attribute(one, 'code')));
  // Older documents name what it is against in the value alone.
  const code = noneKnown ? absenceOf(observation, substance) : (substance ?? codedOf(value, reading));
  if (!code) return [];
  const type = attribute(value, 'code') ?? '';
  const number = ownNumber(observation);
  const reactions = noneKnown ? [] : reactionsOf(observation, reading);
  const criticality = inner(observation, (_, one) => hasCode(first(one, 'code'), ['82606-5'])).map((one) => CRITICALITIES[attribute(first(one, 'value'), 'code') ?? '']).find((one) => one !== undefined);
  const status = clinicalStatusOf(observation, STATUSES);
  return [{
    kind: 'allergy',
    ...(number === undefined ? {} : { number }),
    ...wasWithdrawn(observation),
    says: {
      code, noneKnown,
      ...(CATEGORIES[type] === undefined ? {} : { category: CATEGORIES[type] }),
      ...(criticality === undefined ? {} : { criticality }),
      ...(reactions.length > 0 ? { reactions: [...reactions] } : {}),
      ...(status === undefined ? {} : { clinicalStatus: status }),
    },
  }];
};

export const readAllergies = (entries: readonly XmlElement[], reading: Reading): readonly Allergy[] =>
  entries.flatMap((entry) => observationsOf(entry, OBSERVATION)).flatMap((one) => allergyOf(one, reading));
