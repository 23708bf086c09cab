import { saysNoneKnown } from '../../domain/none-known.js';
import type { FieldsOf, StatementSaid } from '../../domain/statement.js';
import { codedOf, entityOf, plain, saysSomething, type Coded } from './coded.js';
import type { Er7Message, Segment } from './er7.js';
import type { Trigger } from './header.js';
import { said } from './said-parts.js';
import { apart } from './statements-read.js';

/** The ADT events whose allergies hold: of a stay that is taken back, or of two patients at once, nothing is known by them. */
export const TELL_OF_ALLERGIES: readonly string[] = [
  'A01', 'A02', 'A03', 'A04', 'A05', 'A06', 'A07', 'A08', 'A14', 'A16', 'A28', 'A31', 'A60',
] satisfies readonly Trigger[];

const NONE_KNOWN_WORDS = /^(?:NK(?:D|F|E)?A|NONE KNOWN|NO KNOWN (?:[A-Z]+ )?ALLERG(?:Y|IES|ENS))$/;

export const noneKnown = ({ code, text }: Coded): boolean =>
  saysNoneKnown(code) || [code, text].some((words) => words !== undefined && NONE_KNOWN_WORDS.test(words.toUpperCase().trim()));

/** Code or words of a CWE field: its code where it has one. */
const codeIn = (segment: Segment, field: number): string => plain(segment.text(field, 1)) || plain(segment.text(field, 2));

const MOST_REACTIONS = 50;
const reactionsOf = (segment: Segment): readonly string[] =>
  segment.repetitions(5).slice(0, MOST_REACTIONS).map((one) => plain(segment.part(one, 2)) || plain(segment.part(one, 1))).filter((words) => words !== '');

const saysOf = (segment: Segment, clinicalStatus: string): FieldsOf<'allergy'> => {
  const code = codedOf(segment, 3);
  const reactions = reactionsOf(segment);
  return {
    code,
    noneKnown: noneKnown(code),
    ...said('category', codeIn(segment, 2)),
    ...said('criticality', codeIn(segment, 4)),
    ...(reactions.length > 0 ? { reactions: [...reactions] } : {}),
    ...said('clinicalStatus', clinicalStatus),
  };
};

/** What has no number of its own is named by its substance, so that the same allergy in every message is one. */
const statementOf = (number: string, withdrawn: boolean, says: FieldsOf<'allergy'>): readonly StatementSaid[] => {
  const name = number || (says.code.code ?? says.code.text ?? '').toUpperCase();
  return name === '' && !saysSomething(says.code) ? [] : [{ kind: 'allergy', number: name, ...(withdrawn ? { withdrawn } : {}), says }];
};

const fromAl1 = (al1: Segment): readonly StatementSaid[] => statementOf('', false, saysOf(al1, ''));

/** IAM-6 D (table 0323) deletes it, IAM-17 E (table 0438) calls it an error. */
const fromIam = (iam: Segment): readonly StatementSaid[] => {
  const status = plain(iam.text(17)).toUpperCase();
  return statementOf(entityOf(iam, 7), plain(iam.text(6)).toUpperCase() === 'D' || status === 'E', saysOf(iam, plain(iam.text(17))));
};

/** AL1 is a snapshot, IAM says what became of one: both are statements of what they name, and silence on another takes nothing back. */
export const allergiesIn = (message: Er7Message): readonly StatementSaid[] =>
  apart([...message.all('AL1').flatMap(fromAl1), ...message.all('IAM').flatMap(fromIam)]);
