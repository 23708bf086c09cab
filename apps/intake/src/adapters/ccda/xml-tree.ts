import { SaxesParser, type SaxesTagNS } from 'saxes';

/** A document nests 30 deep; what nests deeper than this was made to hurt. */
const MAX_DEPTH = 100;
const MAX_ELEMENTS = 150_000;

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  readonly space: string;
  /** Those without a prefix. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly (XmlElement | string)[];
}

export const isElement = (child: XmlElement | string): child is XmlElement => typeof child !== 'string';

/** Codes of HL7 table 0357, as everywhere in quarantine. */
export interface Reason {
  readonly code: number;
  readonly where?: string;
  readonly text: string;
}

class NotTaken extends Error {
  override readonly name = 'NotTaken';
  constructor(
    message: string,
    readonly code = 102,
  ) {
    super(message);
  }
}

interface Open extends XmlElement {
  readonly children: (XmlElement | string)[];
}

/** A byte order mark, else what the first line declares, else UTF-8. */
const encodingOf = (bytes: Buffer): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\bencoding=["']([\w.:-]+)["']/.exec(bytes.subarray(0, 300).toString('latin1'))?.[1] ?? 'utf-8';
};

const decoded = (bytes: Buffer): string => {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    throw new NotTaken('The bytes are not in the character set that the XML declares (UTF-8 where it declares none)');
  }
};

const withoutPrefix = ({ attributes }: SaxesTagNS): ReadonlyMap<string, string> =>
  new Map(Object.values(attributes).filter(({ prefix }) => prefix === '').map(({ local, value }) => [local, value]));

const parsed = (text: string, rootName: string): XmlElement => {
  const parser = new SaxesParser({ xmlns: true });
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  const broken = (why = 'The text stops being XML'): NotTaken => new NotTaken(`${why} at line ${parser.line}, column ${parser.column}`);
  parser.on('error', ({ message }) => {
    throw broken(message.includes('unbound namespace prefix') ? 'A prefix is used that no xmlns declares,' : undefined);
  });
  // No document type: so there are no entities to expand, and nothing to fetch.
  parser.on('doctype', () => {
    throw new NotTaken('A document type (DOCTYPE) is not read; send the document without it');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements === 1 && tag.local !== rootName) throw new NotTaken(`It is no ${rootName}: a part of one by itself is not taken`, 200);
    if (open.length >= MAX_DEPTH || elements > MAX_ELEMENTS) throw new NotTaken(`The XML nests deeper than ${MAX_DEPTH} or has more than ${MAX_ELEMENTS} elements`);
    const element: Open = { name: tag.local, space: tag.uri, attributes: withoutPrefix(tag), children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  const keep = (words: string): void => void open.at(-1)?.children.push(words);
  parser.on('text', keep);
  parser.on('cdata', keep);
  parser.on('closetag', () => {
    root = open.pop();
  });
  parser.write(text).close();
  if (!root) throw broken();
  return root;
};

/** Never throws, never looks outside the text: what cannot be read is a reason, which says where and nothing of the content. */
export const readXml = (input: Buffer | string, rootName: string): { readonly root: XmlElement } | { readonly unreadable: Reason } => {
  try {
    return { root: parsed(typeof input === 'string' ? input.replace(/^\uFEFF/, '') : decoded(input), rootName) };
  } catch (error) {
    return { unreadable: error instanceof NotTaken ? { code: error.code, text: error.message } : { code: 102, text: 'The text is not XML' } };
  }
};
