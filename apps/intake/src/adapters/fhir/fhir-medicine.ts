import type { PrescriptionSaid } from '../../domain/said.js';
import { codedOf, saysNothing, wordsOf, type Coded } from './fhir-codes.js';
import { part, parts, said } from './json-values.js';
import type { Reading } from './reading.js';
import type { Entry } from './references.js';

const RXNORM = /rxnorm/i;

const named = ({ code, system, display, text }: Coded): PrescriptionSaid['medicine'] => ({
  text: wordsOf({ text, display, code }), ...said('code', code), ...said('system', system), ...said('display', display),
});

/** A medicine without a code is called by what is in it. */
const ofMedication = (entry: Entry, reading: Reading): PrescriptionSaid['medicine'] | undefined => {
  const coded = codedOf(part(entry.resource, 'code'), RXNORM);
  if (!saysNothing(coded)) return named(coded);
  const inIt = parts(entry.resource, 'ingredient').map((one) => {
    const target = reading.resolve(part(one, 'itemReference'), entry);
    return wordsOf(codedOf(part(one, 'itemCodeableConcept') ?? part(target?.entry?.resource, 'code'))) || (target?.display ?? '');
  });
  const words = inIt.filter((one) => one !== '').join(' / ');
  return words === '' ? undefined : { text: words };
};

/** The medicine as the source wrote it: in the resource, in the Medication it refers to, or in the reference's own words. */
export const medicineOf = (entry: Entry, reading: Reading): PrescriptionSaid['medicine'] | undefined => {
  const coded = codedOf(part(entry.resource, 'medicationCodeableConcept'), RXNORM);
  if (!saysNothing(coded)) return named(coded);
  const target = reading.resolve(part(entry.resource, 'medicationReference'), entry);
  const found = target?.entry && ofMedication(target.entry, reading);
  return found ?? (target && target.display !== '' ? { text: target.display } : undefined);
};
