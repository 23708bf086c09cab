import type { Coded as CodedShape } from '@throughline/contracts/statement-events';
import type * as z from 'zod';
import { part, parts, said, text, type Json } from './json-values.js';

export type Coded = z.infer<typeof CodedShape>;

/**
 * A CodeableConcept: the coding that its source chose, else the first with a code, else the first with words.
 * @param best a system whose code is wanted before the others'
 */
export const codedOf = (concept: Json | undefined, best?: RegExp): Coded => {
  const codings = parts(concept, 'coding');
  const coded = codings.filter((one) => text(one, 'code') !== '');
  const wanted = best && coded.find((one) => best.test(text(one, 'system')));
  const coding = wanted ?? coded.find((one) => one['userSelected'] === true) ?? coded[0] ?? codings.find((one) => text(one, 'display') !== '');
  return { ...said('code', text(coding, 'code')), ...said('system', text(coding, 'system')), ...said('display', text(coding, 'display')), ...said('text', text(concept, 'text')) };
};

export const saysNothing = (coded: Coded): boolean => coded.code === undefined && coded.display === undefined && coded.text === undefined;

/** For people. */
export const wordsOf = ({ text: words, display, code }: Coded): string => words || display || code || '';

/** Code where there is one, else the words. */
export const codeOrWords = ({ code, text: words, display }: Coded): string => code || words || display || '';

export const codesIn = (concept: Json | undefined): readonly string[] => parts(concept, 'coding').map((one) => text(one, 'code'));

/** Of a field that holds one concept: `clinicalStatus`, whose code FHIR requires. */
export const statusCode = (from: Json, key: string): string => codeOrWords(codedOf(part(from, key)));

/** All codes of all concepts in a field: `category`. */
export const codesOf = (from: Json, key: string): readonly string[] => parts(from, key).flatMap(codesIn);
