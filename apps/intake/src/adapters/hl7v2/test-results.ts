import { gravest } from '../../domain/abnormal-flags.js';
import { analyteOf } from '../../domain/analytes.js';
import type { FieldsOf, StatementSaid } from '../../domain/statement.js';
import { codedIn, codedOf, entityOf, plain, unitOf } from './coded.js';
import type { Er7Message, Segment } from './er7.js';
import type { Times } from './message-times.js';
import { orderGroups, type OrderGroup } from './order-groups.js';
import { said } from './said-parts.js';
import { apart, type StatementsRead } from './statements-read.js';

/** The messages that report on tests (HL7 v2.5.1, chapter 7): a laboratory's, a device's at the bedside, a department's with its text. */
export const RESULTS: readonly string[] = ['ORU^R01', 'ORU^R03', 'ORU^R30', 'ORU^R31', 'ORU^R32', 'OUL^R21', 'OUL^R22', 'OUL^R23', 'OUL^R24'];
const ORC_FOLLOWS: readonly string[] = ['OUL^R22', 'OUL^R23', 'OUL^R24'];

type Result = FieldsOf<'test-result'>;

/** Result status, HL7 table 0123. */
const STATUSES: Readonly<Record<string, Result['status']>> = {
  O: 'registered', I: 'registered', S: 'registered', N: 'registered', A: 'preliminary', P: 'preliminary', R: 'preliminary', F: 'final', C: 'corrected', M: 'corrected', X: 'cancelled',
};
/** Observation result status, HL7 table 0085. */
const OBSERVATION_STATUSES: Readonly<Record<string, Result['status']>> = {
  O: 'registered', I: 'registered', S: 'preliminary', P: 'preliminary', R: 'preliminary', F: 'final', U: 'final', V: 'final', B: 'final', A: 'corrected', C: 'corrected', X: 'cancelled',
};

const letter = (segment: Segment, field: number): string => plain(segment.text(field)).toUpperCase();
/** D: delete it. W: it was wrong, of another patient's perhaps. */
const takenBack = (obx: Segment): boolean => ['D', 'W'].includes(letter(obx, 11));
/** X: there is no result. */
const counts = (obx: Segment): boolean => !takenBack(obx) && letter(obx, 11) !== 'X';

/** OBR-25; where it is empty, what all observations agree on. */
const statusOf = (obr: Segment, observations: readonly Segment[]): Result['status'] => {
  const own = letter(obr, 25);
  if (own !== '') return STATUSES[own] ?? 'unknown';
  const [status, ...others] = new Set(observations.map((obx) => OBSERVATION_STATUSES[letter(obx, 11)]));
  return others.length > 0 ? 'unknown' : (status ?? 'unknown');
};

const NO_FLAG: readonly string[] = ['', 'NONE', 'NULL'];

const flagsOf = (obx: Segment): readonly string[] =>
  obx.repetitions(8).map((one) => plain(obx.part(one, 1))).filter((flag) => !NO_FLAG.includes(flag.toUpperCase()));

/** More than any report of so few analytes has; the rest stays in the message. */
const MOST_VALUES = 200;
const NUMBER = /^[<>]?=?\s*[+-]?\d+(?:\.\d+)?$/;

/** A number as it was sent; SN keeps its comparator, except for the one that says "equal". Ranges, ratios and words are no values here. */
const numbersOf = (obx: Segment): readonly string[] =>
  obx.repetitions(5).slice(0, MOST_VALUES).flatMap((one) => {
    const [comparator, first, between] = obx.text(2) === 'SN' ? [plain(obx.part(one, 1)), obx.part(one, 2), obx.part(one, 3)] : ['', obx.part(one, 1), ''];
    const value = `${comparator === '=' ? '' : comparator}${first}`;
    return between === '' && NUMBER.test(value) ? [value] : [];
  });

const valuesOf = (obx: Segment): NonNullable<Result['values']> => {
  const name = obx.repetitions(3)[0] ?? '';
  const analyte = analyteOf(codedIn(obx, name)) ?? analyteOf({ code: obx.part(name, 4), system: obx.part(name, 6) });
  if (!analyte) return [];
  return numbersOf(obx).map((value) => ({ analyte, value, ...said('unit', unitOf(obx, 6)), ...said('abnormal', gravest(flagsOf(obx))) }));
};

const resultOf = (orc: Segment | undefined, obr: Segment, observations: readonly Segment[], read: Times['read']): Result => {
  const counted = observations.filter(counts);
  const orders = [...new Set([entityOf(obr, 2), entityOf(orc, 2), entityOf(obr, 3), entityOf(orc, 3)])].filter((number) => number !== '');
  const values = counted.flatMap(valuesOf).slice(0, MOST_VALUES);
  return {
    code: codedOf(obr, 4),
    status: statusOf(obr, observations),
    ...(orders.length > 0 ? { orders } : {}),
    ...said('observedAt', [read(obr, 7), ...observations.map((obx) => read(obx, 14))].find((time) => time !== undefined)?.instant),
    ...said('reportedAt', read(obr, 22)?.instant),
    ...said('abnormal', gravest(counted.flatMap(flagsOf))),
    ...(values.length > 0 ? { values } : {}),
  };
};

/** Laboratories give all the tests of one specimen the same number: a result is named by that and by its test. */
const nameOf = (orc: Segment | undefined, obr: Segment, { code, text }: Result['code']): string => {
  const number = entityOf(obr, 3) || entityOf(orc, 3);
  return number === '' ? '' : [number, code ?? text].filter((part) => part !== undefined).join('#');
};

const statementOf = ({ orc, obr, segments }: OrderGroup, read: Times['read']): readonly StatementSaid[] => {
  if (!obr) return [];
  const observations = segments.filter((segment) => segment.name === 'OBX');
  const says = resultOf(orc, obr, observations, read);
  const withdrawn = observations.length > 0 && observations.every(takenBack);
  return [{ kind: 'test-result', ...said('number', nameOf(orc, obr, says.code)), ...(withdrawn ? { withdrawn } : {}), says }];
};

/** One result per OBR. Texts, pictures and all but a few values stay in the message that brought them. */
export const readResults = (message: Er7Message, type: string, read: Times['read']): StatementsRead => {
  const statements = orderGroups(message.segments, ORC_FOLLOWS.includes(type)).flatMap((group) => statementOf(group, read));
  if (statements.length === 0) return { statements, reasons: [{ code: 100, where: 'OBR', text: 'The OBR segment is missing: it says which test the result is of' }] };
  return { statements: apart(statements), reasons: [] };
};
