import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One message of the index, as it stands in its file. */
export interface OpenMessage {
  readonly source: string;
  readonly path: string;
  readonly type: string;
  /** Its structural class, which says what the answer has to be. */
  readonly klass: string;
  /** To the byte, terminators included. */
  readonly bytes: Buffer;
  /** The same with every segment ended by CR. */
  readonly withCr: Buffer;
}

const BLOCK_START = 0x0b;
const BLOCK_END = 0x1c;
/** Wrappers of batch files belong to no message. */
const WRAPPER = /^(?:FHS|BHS|BTS|FTS)/;
const SEGMENT = /^[A-Z][A-Z0-9]{2}\W/;

const framesOf = (content: Buffer): readonly Buffer[] => {
  const frames: Buffer[] = [];
  for (let start = content.indexOf(BLOCK_START); start !== -1; ) {
    const end = content.indexOf(BLOCK_END, start);
    frames.push(content.subarray(start + 1, end === -1 ? content.length : end));
    start = end === -1 ? -1 : content.indexOf(BLOCK_START, end);
  }
  return frames;
};

interface Line {
  readonly text: string;
  readonly start: number;
  /** Its terminator included. */
  readonly end: number;
}

const linesOf = (text: string): readonly Line[] => [...text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)].filter(([whole]) => whole !== '').map((found) => ({ text: found[1]!, start: found.index, end: found.index + found[0].length }));

/** A message begins at every MSH, and ends before the next, before a wrapper, or where after a blank line no segment follows. */
const messagesIn = (content: Buffer): readonly (readonly Line[])[] => {
  const messages: Line[][] = [];
  let open: Line[] | undefined;
  let blank = false;
  for (const line of linesOf(content.toString('latin1').replace(/^\u00ef\u00bb\u00bf/, '   '))) {
    const text = line.text.trimStart();
    if (text.trim() === '') blank = true;
    else {
      if (text.startsWith('MSH')) messages.push((open = []));
      else if (WRAPPER.test(text) || (blank && !SEGMENT.test(text))) open = undefined;
      open?.push(line);
      blank = false;
    }
  }
  return messages;
};

const cut = (content: Buffer): readonly InFile[] =>
  messagesIn(content).map((lines) => ({
    bytes: content.subarray(lines[0]!.start + (lines[0]!.text.length - lines[0]!.text.trimStart().length), lines.at(-1)!.end),
    withCr: Buffer.from(lines.map(({ text }) => `${text.trimStart()}\r`).join(''), 'latin1'),
  }));

const rowsOf = (corpora: string): readonly Record<string, string>[] => {
  const [header = '', ...lines] = readFileSync(join(corpora, 'messages.tsv'), 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [columns[index]!, value])));
};

type InFile = Pick<OpenMessage, 'bytes' | 'withCr'>;

/** Every message of one file, in its order. */
export const messagesOf = (corpora: string, path: string): readonly InFile[] => {
  const content = readFileSync(join(corpora, path));
  return (content.includes(BLOCK_START) ? framesOf(content) : [content]).flatMap(cut);
};

export interface OpenMessages {
  readonly messages: readonly OpenMessage[];
  /** Rows of the index whose message is not where it says. */
  readonly missing: readonly string[];
}

/** The messages of `messages.tsv`, in its order. */
export const openMessages = (corpora: string): OpenMessages => {
  const files = new Map<string, readonly InFile[]>();
  const inFile = (path: string): readonly InFile[] => {
    const found = files.get(path) ?? messagesOf(corpora, path);
    files.set(path, found);
    return found;
  };
  const messages: OpenMessage[] = [];
  const missing: string[] = [];
  for (const { source = '', path = '', idx, type = '', klass = '' } of rowsOf(corpora)) {
    const found = inFile(`${source}/${path}`)[Number(idx)];
    if (found) messages.push({ source, path, type, klass, ...found });
    else missing.push(`${source}/${path}#${idx}`);
  }
  return { messages, missing };
};
