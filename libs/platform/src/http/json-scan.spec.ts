import fc from 'fast-check';
import { parseBody } from './body-parser.js';
import { depthOf, faultIn } from './json-scan.js';
import { Problem } from './problem.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const place = (text: string): string => {
  const { line, column } = faultIn(text);
  return `${line}:${column}`;
};
const end = (text: string): string => `${text.split('\n').length}:${text.length - text.lastIndexOf('\n')}`;

describe('the place where a text stops being JSON', () => {
  it('is the end of a text that is JSON, and before it of every broken one', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.nat(), fc.constantFrom('', '}', ']', ',', '"', ':', 'x', '\\', '\u0001', '0'), (json, at, put) => {
        const cut = at % (json.length + 1);
        const text = json.slice(0, cut) + put + json.slice(cut + 1);
        if (isJson(text)) expect(place(text)).toBe(end(text));
        else expect(() => parseBody(Buffer.from(text || '!'))).toThrow(Problem);
      }),
    );
  });

  it('is the first character that cannot stand there', () => {
    expect(['{"a":1,}', '[1 2]', '{"a"}', '01', '"a\nb"', 'tru', '{"a":1}}'].map(place)).toEqual(['1:8', '1:4', '1:5', '1:2', '1:1', '1:1', '1:8']);
  });
});

describe('depth', () => {
  it('counts brackets outside strings', () => {
    expect(['7', '[]', '[[{}]]', '"[[["', '["\\"[[", [1]]'].map(depthOf)).toEqual([0, 1, 3, 0, 2]);
  });
});
