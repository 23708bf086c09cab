import type { FieldsOf } from '../../domain/statement.js';
import type { Segment } from './er7.js';
import { said } from './said-parts.js';

export type Coded = FieldsOf<'test-order'>['code'];

/** What a field says; HL7's explicit `""` says nothing here. */
export const plain = (text: string): string => (text === '""' ? '' : text);

/** CWE: code, words and system; the alternate code (CWE-4 to 6) where there is no first one, the alternate or original words (CWE-5, 9) where there are none. */
export const codedIn = (segment: Segment, repetition: string): Coded => {
  const part = (component: number): string => plain(segment.part(repetition, component));
  const [code, system] = part(1) === '' ? [part(4), part(6)] : [part(1), part(3)];
  return { ...said('code', code), ...said('system', code === '' ? '' : system), ...said('text', [2, 9, 5].map((component) => plain(segment.words(repetition, component))).find((words) => words !== '')) };
};

export const codedOf = (segment: Segment, field: number): Coded => codedIn(segment, segment.repetitions(field)[0] ?? '');

export const saysSomething = ({ code, text }: Coded): boolean => code !== undefined || text !== undefined;

/** EI: the number and who gave it, as written. `0` is a filler, not a number. */
export const entityOf = (segment: Segment | undefined, field: number): string => {
  const number = segment ? plain(segment.text(field, 1)) : '';
  if (number === '' || number === '0') return '';
  const namespace = plain(segment!.text(field, 2));
  return namespace === '' ? number : `${number}^${namespace}`;
};

/** Words for a unit: a number or an internal key (`CD:289`) is nobody's unit, what stands beside it is. */
export const unitOf = (segment: Segment, field: number): string => {
  const [code, words] = [plain(segment.text(field, 1)), plain(segment.text(field, 2))];
  return code === '' || /^[\d.]+$/.test(code) || code.includes(':') ? words : code;
};
