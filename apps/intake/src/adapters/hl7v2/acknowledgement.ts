import { headerLine, separatorsOf, usualSeparators, type Reason } from './er7.js';

export type AckCode = 'AA' | 'AE' | 'AR';

/** The enhanced mode's: the message is in safe storage; what it means is decided later, and no application answer follows. */
export const COMMIT_CODES = { AA: 'CA', AE: 'CE', AR: 'CR' } as const satisfies Record<AckCode, string>;
export type AnyAckCode = AckCode | (typeof COMMIT_CODES)[AckCode];

/** MSH-15 as it was sent (table 0155). */
export const acceptCondition = (input: Buffer): string => {
  const header = headerLine(input);
  return (header.split(header[3] ?? '|')[14] ?? '').trim().toUpperCase();
};

/** NE: never, ER: errors only, SU: success only; anything else: always. */
export const wantsAnswer = (condition: string, code: AckCode): boolean => {
  if (condition === 'NE') return false;
  if (condition === 'ER') return code !== 'AA';
  return condition !== 'SU' || code === 'AA';
};

const NAMES: Readonly<Record<Reason['code'], string>> = {
  100: 'Segment sequence error', 101: 'Required field missing', 102: 'Data type error', 103: 'Table value not found',
  200: 'Unsupported message type', 201: 'Unsupported event code', 202: 'Unsupported processing id', 203: 'Unsupported version id',
  204: 'Unknown key identifier', 207: 'Application internal error',
};

/** 200 to 203 and our own troubles are rejections; the rest is for the sender to correct (wire rules 4.1). */
export const ackCodeFor = (reasons: readonly Reason[]): AckCode => (reasons.some((one) => one.code >= 200 && one.code !== 204) ? 'AR' : 'AE');

/** ASCII only, and nothing that is a separator: the text passes through logs and other people's parsers. */
const plain = (text: string, separators: readonly string[]): string =>
  [...text].map((char) => (char < ' ' || char > '~' || separators.includes(char) ? ' ' : char)).join('').replace(/ +/g, ' ').trim();

/** `PID-3` -> `PID^1^3`, the place as ERR-2 has it. */
const place = (where: string | undefined, component: string): string => {
  if (where === undefined) return '';
  const [segment, field] = where.split('-');
  return [segment, '1', ...(field === undefined ? [] : [field])].join(component);
};

/** A time as HL7 has it, in UTC. */
export const stamp = (now: Date): string => `${now.toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;

/**
 * The answer to a message, as bytes. Header fields go back exactly as they came (read as Latin-1, which keeps every byte):
 * MSH-3/4 and 5/6 change places, MSH-10, 11 and 12 are echoed, in the sender's own separators.
 * @param id our own control id, unique
 */
export const acknowledge = (
  input: Buffer,
  answer: { readonly code: AnyAckCode; readonly reasons: readonly Reason[] },
  own: { readonly id: string; readonly now: Date },
): Buffer => {
  const header = headerLine(input);
  const { field, component, repetition, escape, subcomponent } = separatorsOf(header) ?? usualSeparators(header);
  const fields = header.startsWith(`MSH${field}`) ? header.split(field) : [];
  const at = (n: number): string => fields[n - 1] ?? '';
  const separators = [field, component, repetition, escape, subcomponent];
  const trigger = at(9).split(repetition)[0]!.split(component)[1] ?? '';
  const type = /^[A-Z0-9]{3}$/.test(trigger) ? ['ACK', trigger, 'ACK'].join(component) : 'ACK';
  const text = plain(answer.reasons.map((one) => (one.where ? `${one.where}: ${one.text}` : one.text)).join('; '), separators).slice(0, 80);
  const version = at(12).split(component)[0]!;
  const error = (one: Reason): string => {
    const coded = [String(one.code), NAMES[one.code], 'HL70357'];
    // ERR-1 until 2.4 (withdrawn in 2.7); ERR-2, 3, 4 and 8 since 2.5.
    if (version !== '' && version < '2.5') return ['ERR', `${place(one.where, component)}${component}${coded.join(subcomponent)}`].join(field);
    return ['ERR', '', place(one.where, component), coded.join(component), 'E', '', '', '', plain(one.text, separators)].join(field);
  };
  const msh = ['MSH', `${component}${repetition}${escape}${subcomponent}`, at(5), at(6), at(3), at(4), stamp(own.now), '', type, own.id, at(11), at(12)].join(field);
  const msa = ['MSA', answer.code, at(10), ...(text === '' ? [] : [text])].join(field);
  return Buffer.from([msh, msa, ...(answer.code === 'AA' || answer.code === 'CA' ? [] : answer.reasons.slice(0, 20).map(error)), ''].join('\r'), 'latin1');
};
