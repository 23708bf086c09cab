import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint } from '../home/home.js';

/** An HL7 v2 message as it goes over the wire: segments end in CR, whatever they ended in where it was found. */
export interface OutgoingMessage {
  readonly bytes: Buffer;
  /** MSH-10; empty when the message has none. */
  readonly controlId: string;
  /** MSH-3|MSH-4, the first component of each: how intake names the sender. */
  readonly sender: string;
  /** Messages with the same lane keep their order: PID-3, so that a patient's A13 never overtakes the A03. */
  readonly lane: string;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  /** File and position in it, for people. */
  readonly from: string;
}

const BLOCK_START = 0x0b;
const BLOCK_END = 0x1c;
/** Wrappers of batch files, which are not part of any message. */
const BATCH = /^(FHS|BHS|BTS|FTS)/;

const field = (segment: string | undefined, separator: string, at: number): string => segment?.split(separator)[at] ?? '';

/** A line of a file, and where in it it stands: `end` is behind its terminator. */
interface Line {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const messageOf = (lines: readonly Line[], from: string): OutgoingMessage => {
  const bytes = Buffer.from(lines.map(({ text }) => `${text}\r`).join(''), 'latin1');
  const header = lines[0]?.text ?? '';
  const separator = header.startsWith('MSH') ? header.charAt(3) || '|' : '|';
  // MSH-1 is the separator itself, so MSH-n is part n-1 of the split.
  const msh = (n: number): string => field(header, separator, n - 1);
  const [component = '^', repetition = '~', , subcomponent = '&'] = msh(2) || '^~\\&';
  const first = (text: string): string => text.split(repetition)[0]?.split(component)[0]?.split(subcomponent)[0]?.trim() ?? '';
  return {
    bytes,
    controlId: first(msh(10)),
    sender: `${first(msh(3))}|${first(msh(4))}`,
    lane: field(lines.find(({ text }) => text.startsWith('PID'))?.text, separator, 3),
    hash: createHash('sha256').update(bytes).digest('hex'),
    from,
  };
};

const framesOf = (content: Buffer): Buffer[] => {
  const frames: Buffer[] = [];
  for (let start = content.indexOf(BLOCK_START); start !== -1; ) {
    const end = content.indexOf(BLOCK_END, start);
    frames.push(content.subarray(start + 1, end === -1 ? content.length : end));
    start = end === -1 ? -1 : content.indexOf(BLOCK_START, end);
  }
  return frames;
};

const SEGMENT = /^[A-Z][A-Z0-9]{2}\W/;
const MARK = '\u00ef\u00bb\u00bf';

const linesOf = (text: string): readonly Line[] => {
  const from = text.startsWith(MARK) ? MARK.length : 0;
  return [...text.slice(from).matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)]
    .filter(([whole]) => whole !== '')
    .map((found) => ({ text: found[1]!, start: from + found.index, end: from + found.index + found[0].length }));
};

/** A new message begins at every MSH. Blank lines may stand in a message too (ends of line written twice): what follows them and is no segment is not of it. */
const blocksOf = (content: Buffer): Line[][] => {
  const blocks: Line[][] = [];
  let open: Line[] = [];
  let afterBlank = false;
  const close = (): void => {
    if (open.length > 0) blocks.push(open);
    open = [];
  };
  for (const line of linesOf(content.toString('latin1'))) {
    if (line.text.trim() === '') afterBlank = true;
    else if (!BATCH.test(line.text)) {
      if (line.text.startsWith('MSH') || (afterBlank && !SEGMENT.test(line.text))) close();
      open.push(line);
      afterBlank = false;
    }
  }
  close();
  return blocks;
};

/** A message as it goes over the wire, and the bytes that it was found as. */
export interface FoundMessage {
  readonly message: OutgoingMessage;
  readonly asFound: Buffer;
}

/** All messages of one file: MLLP-framed or not, one or many, CR, LF or both. Bytes that are not ASCII pass unchanged. */
export const foundIn = (content: Buffer, name: string): FoundMessage[] =>
  (content.includes(BLOCK_START) ? framesOf(content) : [content])
    .flatMap((part) => blocksOf(part).map((lines) => ({ lines, asFound: part.subarray(lines[0]!.start, lines.at(-1)!.end) })))
    .map(({ lines, asFound }, at) => ({ message: messageOf(lines, `${name}#${at + 1}`), asFound }));

export const messagesIn = (content: Buffer, name: string): OutgoingMessage[] => foundIn(content, name).map(({ message }) => message);

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesUnder(join(folder, entry.name)) : entry.isFile() ? [join(folder, entry.name)] : []));

const standardInput = async (): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
};

/** FILE, DIR (every file in it that holds an MSH segment, in the order of their names) or `-`. Throws a {@link Complaint} when there is nothing to send. */
export const readMessages = async (source: string): Promise<OutgoingMessage[]> => {
  if (source === '-') return messagesIn(await standardInput(), 'standard input');
  const found = statSync(source, { throwIfNoEntry: false });
  if (!found) throw new Complaint(`There is no file or folder ${source}.`);
  if (!found.isDirectory()) return messagesIn(readFileSync(source), source);
  const messages = filesUnder(source).flatMap((file) => {
    const content = readFileSync(file);
    return content.includes('MSH') ? messagesIn(content, file).filter(({ bytes }) => bytes.subarray(0, 3).toString('latin1') === 'MSH') : [];
  });
  if (messages.length === 0) throw new Complaint(`No file in ${source} holds an HL7 v2 message.`);
  return messages;
};
