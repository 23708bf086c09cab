import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { foundIn } from '@throughline/throughline/send/read-messages';

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

const rowsOf = (corpora: string): readonly Record<string, string>[] => {
  const [header = '', ...lines] = readFileSync(join(corpora, 'messages.tsv'), 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  return lines.map((line) => Object.fromEntries(line.split('\t').map((value, index) => [columns[index]!, value])));
};

type InFile = Pick<OpenMessage, 'bytes' | 'withCr'>;

/** Every message of one file, in its order. */
export const messagesOf = (corpora: string, path: string): readonly InFile[] =>
  foundIn(readFileSync(join(corpora, path)), path)
    .filter(({ message }) => message.bytes.subarray(0, 3).toString('latin1') === 'MSH')
    .map(({ message, asFound }) => ({ bytes: asFound, withCr: message.bytes }));

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
