import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { LiveParts } from './live-part.js';

export interface Control {
  readonly url: string;
  /** Whoever can read the instance's file may ask. */
  readonly secret: string;
  stop(): Promise<void>;
}

/** How `throughline restart PART` reaches the stack: POST /parts/<name>/start on loopback. */
export const startControl = async (parts: LiveParts): Promise<Control> => {
  const secret = randomBytes(32).toString('base64url');
  const expected = Buffer.from(`Bearer ${secret}`);
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const given = Buffer.from(request.headers.authorization ?? '');
    const name = /^\/parts\/([\w-]+)\/start$/.exec(request.url ?? '')?.[1];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return answer(401, { detail: 'not for you' });
    if (request.method !== 'POST' || name === undefined) return answer(404, { detail: 'nothing here' });
    parts.startAgain(name).then(
      (begun) => (begun === undefined ? answer(404, { detail: `there is no part ${name}` }) : answer(200, { started: begun, part: parts.parts.find((part) => part.name === name) })),
      (error: unknown) => answer(500, { detail: error instanceof Error ? error.message : String(error) }),
    );
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    secret,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
