import type { FastifyInstance } from 'fastify';
import { depthOf, faultIn, MAX_DEPTH, unstorableIn } from './json-scan.js';
import { badField, Problem } from './problem.js';
import { rawLimitOf, takesRaw } from './raw-body.js';

const malformed = (detail: string): Problem => new Problem(400, 'malformed-json', 'The body is not JSON', detail);

const utf8 = new TextDecoder('utf-8', { fatal: true });
const textOf = (bytes: Buffer): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('The body is not UTF-8. Send JSON in UTF-8.');
  }
};

const refusePrototype = (name: string, inner: unknown): unknown => {
  if (name === '__proto__') throw malformed('A field may not be called __proto__. Remove it.');
  return inner;
};

/** Bytes to a JSON value that every layer behind can take: not too deep, no poisoned prototype, nothing the database cannot store. */
export const parseBody = (bytes: Buffer): unknown => {
  const text = textOf(bytes);
  // A POST without a body names nothing: the DTO says which fields it misses.
  if (text.trim() === '') return {};
  if (depthOf(text) > MAX_DEPTH) throw new Problem(400, 'too-deep', 'The body nests too deep', `Objects and lists may nest ${MAX_DEPTH} deep.`);
  let value: unknown;
  try {
    // A text that neither spells the name out nor escapes anything cannot hold it; looking at every field is slow.
    value = /__proto__|\\/.test(text) ? JSON.parse(text, refusePrototype) : JSON.parse(text);
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { line, column } = faultIn(text);
    throw malformed(`The text stops being JSON at line ${line}, column ${column}. Correct it and send it again.`);
  }
  const unstorable = /\\u|\u0000/.test(text) ? unstorableIn(value) : undefined;
  if (unstorable) throw badField(unstorable, 'holds a NUL character or half of a surrogate pair: remove it');
  return value;
};

export const registerBodyParser = (fastify: FastifyInstance): void => {
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRoute', (route) => {
    const limit = rawLimitOf(route.config);
    if (limit !== undefined) route.bodyLimit = limit;
  });
  fastify.addContentTypeParser<Buffer>(/^application\/(?:json|[\w.-]+\+json)(?:;|$)/, { parseAs: 'buffer' }, (request, body, done) => {
    if (takesRaw(request.routeOptions.config, 'json')) return done(null, body);
    try {
      done(null, parseBody(body));
    } catch (error) {
      done(error as Error);
    }
  });
  // XML is for the routes that ask for it, and nowhere taken apart here.
  fastify.addContentTypeParser<Buffer>(/^(?:application|text)\/xml(?:;|$)/, { parseAs: 'buffer' }, (request, body, done) => {
    if (takesRaw(request.routeOptions.config, 'xml')) done(null, body);
    else done(new Problem(415, 'unsupported-media-type', 'The body is of a type that is not read here', 'Send JSON with Content-Type: application/json.'));
  });
};
