/** ER7 (`|^~\&`) read with our own small parser: tolerant of what real senders do, bounded in what it will take. */

/** Larger ones do not get this far: the listener takes no larger frame. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
const MAX_SEGMENTS = 10_000;
/** Nothing that we take from a message is longer; the message itself is kept whole. */
const MAX_TEXT = 1_000;

export interface Separators {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
}

export interface Reason {
  /** HL7 table 0357. */
  readonly code: 100 | 101 | 102 | 103 | 200 | 201 | 202 | 203 | 204 | 207;
  /** `PID-3`, `PV1`; absent for the whole message. */
  readonly where?: string;
  /** For the person at the sending end. Never a value of the message. */
  readonly text: string;
}

export class Segment {
  constructor(
    readonly name: string,
    private readonly fields: readonly string[],
    private readonly separators: Separators,
    private readonly decode: (escaped: string) => string,
  ) {}

  /** The field as it was sent, escapes and all. MSH counts its separator as MSH-1. */
  raw(field: number): string {
    return this.fields[field] ?? '';
  }

  repetitions(field: number): readonly string[] {
    const raw = this.raw(field);
    return raw === '' ? [] : raw.split(this.separators.repetition);
  }

  /** One component's text (first repetition, first subcomponent unless told), trimmed; empty when it is not there. */
  text(field: number, component = 1): string {
    return this.part(this.repetitions(field)[0] ?? '', component);
  }

  /** As `text`, of one repetition. */
  part(repetition: string, component: number, subcomponent = 1): string {
    const raw = repetition.split(this.separators.component)[component - 1]?.split(this.separators.subcomponent)[subcomponent - 1] ?? '';
    return this.decode(raw.slice(0, MAX_TEXT)).trim();
  }

  /** As `part`, for words: where nobody wrote subcomponents on purpose, `&` is a character (`Group & Screen`). */
  words(repetition: string, component: number): string {
    return this.decode((repetition.split(this.separators.component)[component - 1] ?? '').slice(0, MAX_TEXT)).trim();
  }

  /** Everything from a component on, whole: a document may be as long as its message, and uses the separators as it likes. */
  rest(field: number, component: number): string {
    return this.decode(this.raw(field).split(this.separators.component).slice(component - 1).join(this.separators.component));
  }

  /** True when the first repetition is HL7's explicit "nothing": `""`. */
  isNull(field: number): boolean {
    return this.raw(field).split(this.separators.component)[0] === '""';
  }
}

export interface Er7Message {
  readonly segments: readonly Segment[];
  readonly quirks: readonly string[];
  first(name: string): Segment | undefined;
  all(name: string): readonly Segment[];
}

/** `header`: as much as its first segment says, where that much can be read. */
export type Er7Result = { readonly message: Er7Message } | { readonly unreadable: Reason; readonly header?: Er7Message };

const CHARSETS: Readonly<Record<string, string>> = {
  '8859/1': 'latin1', '8859/2': 'iso-8859-2', '8859/3': 'iso-8859-3', '8859/4': 'iso-8859-4', '8859/5': 'iso-8859-5',
  '8859/6': 'iso-8859-6', '8859/7': 'iso-8859-7', '8859/8': 'iso-8859-8', '8859/9': 'windows-1254', '8859/15': 'iso-8859-15',
};

const charsetNamed = (name: string): string | undefined =>
  CHARSETS[name.toUpperCase().replace(/^ISO[ -]?/, '').split(/[~\\^]/, 1)[0]!.trim().replace('-', '/')];

/** What an operator may set for a sender: a name that MSH-18 may have. UTF-8 is read without being told. */
export const isCharacterSet = (name: string): boolean => charsetNamed(name) !== undefined;

/** The header's character set, else the sender's; else UTF-8 where the bytes are, else Latin-1, which can read anything. */
const charsetOf = (bytes: Buffer, separator: string, ofSender: string | undefined): { readonly name: string; readonly guessed: boolean } => {
  const declared = bytes.subarray(0, 2_000).toString('latin1').split(/[\r\n]/, 1)[0]!.split(separator)[17] ?? '';
  const known = charsetNamed(declared === '' ? (ofSender ?? '') : declared);
  if (known) return { name: known, guessed: false };
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { name: 'utf-8', guessed: false };
  } catch {
    return { name: 'latin1', guessed: true };
  }
};

const decoded = (bytes: Buffer, charset: string): string =>
  charset === 'latin1' ? bytes.toString('latin1') : new TextDecoder(charset).decode(bytes);

/** MSH-1 and MSH-2. Senders that write `^~\\&` (the escape doubled) mean `^~\&`. */
export const separatorsOf = (header: string): Separators | undefined => {
  const field = header[3];
  if (!header.startsWith('MSH') || field === undefined || /[\w\s]/.test(field)) return undefined;
  let encoding = header.slice(4).split(field, 1)[0]!.slice(0, 5);
  if (encoding[2] !== undefined && encoding[2] === encoding[3] && encoding[4]) encoding = encoding.slice(0, 3) + encoding[4];
  const [component = '^', repetition = '~', escape = '\\', subcomponent = '&'] = encoding;
  const all = [field, component, repetition, escape, subcomponent];
  // Printable ASCII: any other byte is another character in another character set.
  if (all.some((one) => /[A-Za-z0-9\s]/.test(one) || one < ' ' || one > '~') || new Set(all).size < all.length) return undefined;
  return { field, component, repetition, escape, subcomponent };
};

const unescaper = (separators: Separators, charset: string): ((escaped: string) => string) => {
  const { escape } = separators;
  const quoted = escape.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const pattern = new RegExp(`${quoted}([^${quoted}]{1,200})${quoted}`, 'g');
  const named: Readonly<Record<string, string>> = {
    F: separators.field, S: separators.component, T: separators.subcomponent, R: separators.repetition, E: escape, H: '', N: '', '.br': '\n',
  };
  const replace = (whole: string, code: string): string => {
    if (named[code] !== undefined) return named[code];
    if (/^X(?:[0-9A-Fa-f]{2})+$/.test(code)) return decoded(Buffer.from(code.slice(1), 'hex'), charset);
    if (/^\.(?:sp|in|ti|ce|fi|nf|sk)/.test(code)) return ' ';
    return whole;
  };
  return (escaped) => (escaped.includes(escape) ? escaped.replace(pattern, replace) : escaped);
};

const withoutMark = (bytes: Buffer): Buffer => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes);

const trimStart = (bytes: Buffer): Buffer => {
  let start = 0;
  while (start < bytes.length && (bytes[start] === 0x0d || bytes[start] === 0x0a || bytes[start] === 0x20 || bytes[start] === 0x09)) start += 1;
  return bytes.subarray(start);
};

export const headerBytes = (bytes: Buffer): Buffer => withoutMark(trimStart(withoutMark(bytes)));

/** The first segment as it stands, in Latin-1, which keeps every byte; `most` bytes of it. */
export const headerLine = (input: Buffer, most = 4_000): string => headerBytes(input).subarray(0, most).toString('latin1').split(/[\r\n]/, 1)[0]!;

const segmentOf = (line: string, separators: Separators, decode: (escaped: string) => string): Segment | undefined => {
  const fields = line.split(separators.field);
  const name = fields[0]!.trim();
  if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) return undefined;
  return new Segment(name, name === 'MSH' ? ['MSH', separators.field, ...fields.slice(1)] : fields, separators, decode);
};

/** A message, or a part of one that can be read as one. */
export const messageWith = (segments: readonly Segment[], quirks: readonly string[]): Er7Message => ({
  segments,
  quirks,
  first: (name) => segments.find((one) => one.name === name),
  all: (name) => segments.filter((one) => one.name === name),
});

const messageOf = (read: readonly (Segment | undefined)[], guessed: boolean): Er7Message => {
  const segments = read.filter((one): one is Segment => one !== undefined);
  return messageWith(segments, [...(read.length > segments.length ? ['stray-lines'] : []), ...(guessed ? ['charset-guessed'] : [])]);
};

/** For a header whose MSH-2 cannot be used: the sender's own field separator, and else what everybody writes. */
export const usualSeparators = (header: string): Separators => {
  const own = header.startsWith('MSH') ? header[3] : undefined;
  return { field: own !== undefined && !/[\w\s^~\\&]/.test(own) && own > ' ' && own <= '~' ? own : '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' };
};

export interface Assumed {
  /** Whatever the header says. */
  readonly separators?: Separators | undefined;
  /** Where the header says none. */
  readonly characterSet?: string | undefined;
}

/** Never throws: what cannot be read is a reason. */
export const parseEr7 = (input: Buffer, assumed: Assumed = {}): Er7Result => {
  const bytes = headerBytes(input);
  if (bytes.subarray(0, 3).toString('latin1') !== 'MSH') return { unreadable: { code: 100, where: 'MSH', text: 'The message does not begin with an MSH segment' } };
  const separators = assumed.separators ?? separatorsOf(bytes.subarray(0, 64).toString('latin1'));
  if (!separators) return { unreadable: { code: 102, where: 'MSH-2', text: 'The separators in MSH-1 and MSH-2 are missing or ambiguous; send |^~\\&' } };
  if (bytes.includes(0x0b)) return { unreadable: { code: 102, text: 'A frame start byte inside the message: two messages may have run together' } };
  const charset = charsetOf(bytes, separators.field, assumed.characterSet);
  const decode = unescaper(separators, charset.name);
  const lines = decoded(bytes, charset.name).split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const message = (some: readonly string[]): Er7Message => messageOf(some.map((line) => segmentOf(line, separators, decode)), charset.guessed);
  // Kept like everything that can be stored, so it is for the sender to correct (AE), not to send again unchanged.
  if (lines.length > MAX_SEGMENTS) return { unreadable: { code: 100, text: `The message has more than ${MAX_SEGMENTS} segments` }, header: message(lines.slice(0, 1)) };
  const whole = message(lines);
  // `MSH` with something between the name and its separator.
  return whole.segments[0]?.name === 'MSH' ? { message: whole } : { unreadable: { code: 100, where: 'MSH', text: 'The message does not begin with an MSH segment' } };
};
