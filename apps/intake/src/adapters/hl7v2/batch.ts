import { stamp } from './acknowledgement.js';
import { headerBytes, headerLine, separatorsOf, usualSeparators } from './er7.js';

/** One message of a batch, to the byte. */
export interface BatchedMessage {
  readonly bytes: Buffer;
  /** Nothing closes the batch behind it: it may not be whole. */
  readonly cut: boolean;
}

/** A frame that holds a batch (HL7 v2.5.1, 2.10.3): FHS, BHS, messages, BTS, FTS. */
export interface Batch {
  /** FHS or BHS, whichever comes first. */
  readonly header: string;
  readonly messages: readonly BatchedMessage[];
}

/** What a frame of real messages never holds; one that does is kept whole, and refused. */
const MOST_MESSAGES = 10_000;
const [CR, LF] = [0x0d, 0x0a];
const BLANKS: readonly (number | undefined)[] = [0x20, 0x09];
const ENVELOPE: readonly string[] = ['FHS', 'BHS', 'BTS', 'FTS'];
const CLOSES: Readonly<Record<string, string>> = { BTS: 'BHS', FTS: 'FHS' };

interface Line {
  readonly at: number;
  /** The segment's name where it begins a message or belongs to the envelope; empty elsewhere. */
  readonly mark: string;
}

/** Where the lines that are not blank begin. */
const linesOf = (bytes: Buffer): readonly Line[] => {
  const lines: Line[] = [];
  let begun = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const end = bytes[at] === CR || bytes[at] === LF;
    if (!begun && BLANKS.includes(bytes[at])) continue;
    if (!end && !begun) {
      const name = bytes.subarray(at, at + 3).toString('latin1');
      const separated = !/\w/.test(String.fromCharCode(bytes[at + 3] ?? CR));
      lines.push({ at, mark: separated && (name === 'MSH' || ENVELOPE.includes(name)) ? name : '' });
    }
    begun = !end;
  }
  return lines;
};

/**
 * The messages of a batch; undefined for a frame that is none, an empty one, or one of too many. Whatever stands between envelope and
 * messages, or behind the end, counts as a message that cannot be read: it is kept, and answered.
 */
export const batchIn = (input: Buffer): Batch | undefined => {
  const bytes = headerBytes(input);
  if (!/^[FB]HS(?!\w)/.test(bytes.subarray(0, 4).toString('latin1'))) return undefined;
  const open = new Set<string>();
  const begins: { at: number; end?: number }[] = [];
  for (const { at, mark } of linesOf(bytes)) {
    const last = begins.at(-1);
    const inside = last !== undefined && last.end === undefined;
    if (mark === '' && inside) continue;
    if (inside) last.end = at;
    if (mark === 'FHS' || mark === 'BHS') open.add(mark);
    else if (CLOSES[mark]) open.delete(CLOSES[mark]);
    else begins.push({ at });
  }
  if (begins.length === 0 || begins.length > MOST_MESSAGES) return undefined;
  return { header: headerLine(input), messages: begins.map(({ at, end }) => ({ bytes: bytes.subarray(at, end), cut: end === undefined && open.size > 0 })) };
};

/** The answers to a batch in one: BHS, the acknowledgements in the order of the messages, BTS with how many. */
export const batchAnswer = (header: string, answers: readonly Buffer[], own: { readonly id: string; readonly now: Date }): Buffer => {
  const asMsh = `MSH${header.slice(3)}`;
  const { field, component, repetition, escape, subcomponent } = separatorsOf(asMsh) ?? usualSeparators(asMsh);
  const fields = header.split(field);
  const at = (n: number): string => fields[n - 1] ?? '';
  const bhs = ['BHS', `${component}${repetition}${escape}${subcomponent}`, at(5), at(6), at(3), at(4), stamp(own.now), '', '', '', own.id, at(11)].join(field);
  return Buffer.concat([Buffer.from(`${bhs}\r`, 'latin1'), ...answers, Buffer.from(`BTS${field}${answers.length}\r`, 'latin1')]);
};
