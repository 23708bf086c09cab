import type { StatementSaid } from '../../domain/statement.js';
import { all, attribute, first, hasTemplate, isNegated, isNull, ownNumber } from './cda-values.js';
import { codedOf, hasCode, ICD10, type Coded } from './coded-values.js';
import type { Reading } from './reading.js';
import { inEntry } from './sections.js';
import type { XmlElement } from './xml-tree.js';

type Condition = Extract<StatementSaid, { kind: 'condition' }>;

const OBSERVATION = '2.16.840.1.113883.10.20.22.4.4';
/** SNOMED CT "no current problems", and "problem" itself: no condition is named. */
const NONE = ['160245001', '55607006'];

/** SNOMED CT -> the words of the standard that came after (C-CDA on FHIR, problem status). */
const STATUSES: Readonly<Record<string, string>> = {
  '55561003': 'active', '73425007': 'inactive', '246455001': 'recurrence', '263855007': 'relapse', '277022003': 'remission', '413322009': 'resolved',
};

/** What an observation related to this one says of its status. */
export const clinicalStatusOf = (observation: XmlElement, statuses = STATUSES): string | undefined =>
  all(observation, 'entryRelationship').flatMap((one) => all(one, 'observation')).filter((one) => hasCode(first(one, 'code'), ['33999-4'])).map((one) => statuses[attribute(first(one, 'value'), 'code') ?? '']).find((status) => status !== undefined);

/** The things observed: in a concern, or by themselves. What they are further qualified by has templates of its own. */
export const observationsOf = (entry: XmlElement, template: string): readonly XmlElement[] =>
  inEntry(entry, 'observation', ['entry', 'act', 'entryRelationship', 'organizer', 'component']).filter((one) => !isNull(one) && (hasTemplate(one, template) || first(one, 'templateId') === undefined));

export const wasWithdrawn = (element: XmlElement): { readonly withdrawn?: true } => (attribute(first(element, 'statusCode'), 'code') === 'nullified' ? { withdrawn: true } : {});

/** What is denied, or is nothing in particular, is no condition. */
const codeOf = (observation: XmlElement, reading: Reading): Coded | undefined => {
  const value = first(observation, 'value');
  if (isNegated(observation) || value === undefined || hasCode(value, NONE)) return undefined;
  const coded = codedOf(value, reading, ICD10);
  // Without a code the words of the entry are what it is called.
  const words = coded === undefined && isNull(value) ? reading.words(first(observation, 'text')) : '';
  return coded ?? (words === '' ? undefined : { text: words });
};

const conditionOf = (observation: XmlElement, reading: Reading): readonly Condition[] => {
  const code = codeOf(observation, reading);
  if (!code) return [];
  const number = ownNumber(observation);
  const time = first(observation, 'effectiveTime');
  const [onset, ended] = [reading.time(first(time, 'low')) ?? reading.time(time), reading.time(first(time, 'high'))];
  const status = clinicalStatusOf(observation);
  return [{
    kind: 'condition',
    ...(number === undefined ? {} : { number }),
    ...wasWithdrawn(observation),
    says: { code, ...(status === undefined ? {} : { clinicalStatus: status }), ...(onset ? { onsetAt: onset.instant } : {}), ...(ended ? { endedAt: ended.instant } : {}) },
  }];
};

export const readConditions = (entries: readonly XmlElement[], reading: Reading): readonly Condition[] =>
  entries.flatMap((entry) => observationsOf(entry, OBSERVATION)).flatMap((one) => conditionOf(one, reading));
