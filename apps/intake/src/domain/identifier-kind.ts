import type { Identifier } from './said.js';

/** Identifier type (HL7 table 0203 and what senders write in its place) -> what the number may say. Other types match no one. */
const KINDS: Readonly<Record<string, Identifier['kind']>> = {
  '': 'record-number', MR: 'record-number', MRN: 'record-number', MEDREC: 'record-number', PN: 'record-number', PT: 'record-number', PK: 'record-number',
  PI: 'person-index', EI: 'person-index', MPI: 'person-index', EMPI: 'person-index', PRC: 'person-index', MC: 'person-index', HC: 'person-index', MA: 'person-index',
  NI: 'national-number', NH: 'national-number', HN: 'national-number', NHS: 'national-number', NHSNMBR: 'national-number', CF: 'national-number',
};

/** SSN, driver's licence, account and the like: real, but they match no one. */
const NEVER = ['SS', 'SSN', 'SB', 'DL', 'AN', 'ANON', 'BC', 'VN', 'XX'];

/** Undefined: a kind of number that matches no one. */
export const identifierKind = (type: string): Identifier['kind'] | undefined => {
  const text = type.toUpperCase();
  if (NEVER.includes(text)) return undefined;
  if (/^NN[A-Z]{3}$/.test(text)) return 'national-number';
  // A type nobody registered is the sender's own word for its number; no type at all means the record number.
  return KINDS[text] ?? 'record-number';
};
