export const MAX_DEPTH = 64;

/** How deep the text nests, counted without parsing: a hundred thousand brackets cost nothing but this loop. */
export const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 0x5c) i++;
      else if (c === 0x22) quoted = false;
    } else if (c === 0x22) quoted = true;
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (c === 0x7d || c === 0x5d) depth--;
  }
  return deepest;
};

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Where a text stops being JSON: the engine's own message names the place only sometimes, and quotes the text. */
class FaultFinder {
  #at = 0;
  constructor(private readonly text: string) {}

  find(): number {
    if (!this.#value()) return this.#at;
    this.#take(SPACE);
    return this.#at;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.text);
    if (match) this.#at = pattern.lastIndex;
    return match !== null;
  }

  #char(c: string): boolean {
    this.#take(SPACE);
    if (this.text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }

  #value(): boolean {
    this.#take(SPACE);
    if (this.text[this.#at] === '{') return this.#list('}', () => (this.#take(SPACE), this.#take(STRING)) && this.#char(':') && this.#value());
    if (this.text[this.#at] === '[') return this.#list(']', () => this.#value());
    return this.#take(STRING) || this.#take(SCALAR);
  }

  #list(close: string, item: () => boolean): boolean {
    this.#at++;
    if (this.#char(close)) return true;
    do {
      if (!item()) return false;
    } while (this.#char(','));
    return this.#char(close);
  }
}

/** Line and column (from 1) at which the text stops being JSON. Only for texts no deeper than `MAX_DEPTH`. */
export const faultIn = (text: string): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, new FaultFinder(text).find());
  const line = before.split('\n').length;
  return { line, column: before.length - before.lastIndexOf('\n') };
};

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Path of the first string that PostgreSQL could not store: one with a NUL or half of a surrogate pair. */
export const unstorableIn = (value: unknown, path = ''): string | undefined => {
  if (typeof value === 'string') return value.includes('\u0000') || LONE_SURROGATE.test(value) ? path || 'body' : undefined;
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      const found = unstorableIn(item, `${path}[${i}]`);
      if (found) return found;
    }
    return undefined;
  }
  if (value === null || typeof value !== 'object') return undefined;
  for (const [name, item] of Object.entries(value)) {
    const here = path ? `${path}.${name}` : name;
    const found = (unstorableIn(name, path) && (path || 'body')) ?? unstorableIn(item, here);
    if (found) return found;
  }
  return undefined;
};
