import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Transform } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { answer, OPERATION_OUTCOME, operationOutcome, PROBLEM, problemBody } from './answers.js';
import { type OidcClient, SignInNeeded } from './oidc-client.js';
import type { Session, Sessions } from './sessions.js';
import type { Door } from './sign-in.js';
import type { Upstreams } from './upstreams.js';

/** A service that says nothing for this long is given up; a stream may be silent for as long as it likes. */
const SILENCE_MS = 60_000;

/** How one kind of address is passed on, and how front's own refusals are told there. */
interface Passage {
  readonly service: string;
  /** The services' own limit. Said here, because a service hangs up on the rest of such a body and its answer would be lost. */
  readonly mostBytes: number;
  readonly type: string;
  readonly told: (status: number, title: string, detail: string, more?: Record<string, unknown>) => object;
}

const calls = (service: string): Passage => ({ service, mostBytes: 1024 * 1024, type: PROBLEM, told: problemBody });
/** FHIR clients know one base address. What hospitals tell is intake's; bundles are bigger than our own calls. */
const FHIR: Passage = { service: 'intake', mostBytes: 16 * 1024 * 1024, type: OPERATION_OUTCOME, told: operationOutcome };
/** Whole documents, with pictures in them. */
const DOCUMENTS: Passage = { ...calls('intake'), mostBytes: 16 * 1024 * 1024 };

const tooLarge = ({ mostBytes }: Passage): string => `The body is too large. Send less at once; the limit is ${mostBytes / 1024 / 1024} MiB.`;

class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** For bodies whose sender did not say beforehand how long they are. */
const measured = (mostBytes: number): Transform => {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > mostBytes) done(new TooLarge());
      else done(null, chunk);
    },
  });
};

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

const withoutHops = (headers: IncomingHttpHeaders): Record<string, string | string[]> => {
  const named = new Set(String(headers.connection ?? '').toLowerCase().split(',').map((name) => name.trim()));
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]) && !named.has(entry[0])));
};

/** Nothing of a request is given away before somebody listens: until then another copy can have it. */
const whenConnected = (outgoing: ClientRequest, go: () => void): void => {
  outgoing.once('socket', (socket) => {
    if (socket.connecting) socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', go);
    else go();
  });
};

const isStream = ({ headers }: IncomingMessage): boolean => (headers['content-type'] ?? '').startsWith('text/event-stream');

/** Front's way to the services: /api/<service>/... and /fhir, with the session's or the caller's own bearer token. */
export class PassOn {
  readonly #agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) };

  constructor(
    private readonly upstreams: Upstreams,
    private readonly sessions: Sessions,
    private readonly oidc: OidcClient,
    private readonly door: Door,
    private readonly logger: Logger,
  ) {}

  routes(app: FastifyInstance): void {
    app.register(async (scope) => {
      // Bodies go through as they come, whatever they are: the service judges them.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      scope.all<{ Params: { service: string } }>('/api/:service/*', (request, reply) => this.#handle(request, reply, calls(request.params.service)));
      scope.post('/api/intake/documents', (request, reply) => this.#handle(request, reply, DOCUMENTS));
      for (const address of ['/fhir', '/fhir/*']) scope.all(address, (request, reply) => this.#handle(request, reply, FHIR));
    });
  }

  stop(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #handle(request: FastifyRequest, reply: FastifyReply, passage: Passage): Promise<FastifyReply> {
    const { service, mostBytes, told, type } = passage;
    const refuse = (status: number, title: string, detail: string, more?: Record<string, unknown>): FastifyReply => answer(reply, status, type, told(status, title, detail, more));
    const copies = this.upstreams.inTurn(service);
    if (copies === undefined) return refuse(404, 'Not Found', `There is no service ${JSON.stringify(service)} here; GET /api lists them.`);
    if (Number(request.headers['content-length'] ?? 0) > mostBytes) {
      // Read to its end and thrown away: an answer to somebody who is still sending gets lost.
      request.raw.resume();
      return refuse(413, 'Payload Too Large', tooLarge(passage));
    }
    const headers = withoutHops(request.headers);
    delete headers['cookie'];
    delete headers['x-csrf-token'];
    delete headers['x-background'];
    let session: Session | undefined;
    if (headers['authorization'] === undefined) {
      session = this.door.sessionOf(request);
      if (session && !this.door.guard(request, reply, session)) return reply;
      try {
        if (session) headers['authorization'] = `Bearer ${await this.oidc.accessToken(session)}`;
      } catch (error) {
        if (!(error instanceof SignInNeeded)) throw error;
        if (session) this.sessions.end(session);
        return refuse(401, 'Unauthorized', 'The sign-in has ended.', { signIn: '/signin' });
      }
    }
    headers['x-forwarded-for'] = request.ip;
    headers['x-forwarded-host'] = request.host;
    headers['x-forwarded-proto'] = request.protocol;
    reply.hijack();
    this.#send(request, reply, passage, copies, headers, session);
    return reply;
  }

  #send(request: FastifyRequest, reply: FastifyReply, passage: Passage, [copy, ...others]: readonly string[], headers: Record<string, string | string[]>, session: Session | undefined): void {
    const url = new URL(request.url, copy);
    const protocol = url.protocol === 'https:' ? 'https:' : 'http:';
    const send = protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = send(url, { method: request.method, headers: { ...headers, host: url.host }, agent: this.#agents[protocol], timeout: SILENCE_MS });
    const close = (): void => void outgoing.destroy();
    session?.onEnd.add(close);
    reply.raw.on('close', () => {
      session?.onEnd.delete(close);
      // Whoever asked has gone: the service need not go on (a stream never would stop by itself).
      if (!reply.raw.writableEnded) outgoing.destroy();
    });
    outgoing.on('response', (answered) => {
      const streaming = isStream(answered);
      if (streaming) outgoing.setTimeout(0);
      // Only front's answer sets what the browser may do; a service sets no cookie.
      const passed = withoutHops(answered.headers);
      delete passed['set-cookie'];
      reply.raw.writeHead(answered.statusCode ?? 502, { ...this.#ownHeaders(reply), ...passed, ...(passed['cache-control'] ? {} : { 'cache-control': 'no-store' }) });
      if (streaming) reply.raw.flushHeaders();
      answered.on('error', () => reply.raw.destroy());
      answered.pipe(reply.raw);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer for ${SILENCE_MS / 1000} s`)));
    let begun = false;
    outgoing.on('error', (error) => {
      if (begun || others.length === 0 || reply.raw.destroyed) return this.#failed(request, reply, passage, error);
      session?.onEnd.delete(close);
      this.#send(request, reply, passage, others, headers, session);
    });
    whenConnected(outgoing, () => {
      begun = true;
      const body = measured(passage.mostBytes);
      body.on('error', (error) => outgoing.destroy(error));
      request.raw.pipe(body).pipe(outgoing);
    });
  }

  #ownHeaders(reply: FastifyReply): Record<string, string> {
    return Object.fromEntries(Object.entries(reply.getHeaders()).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
  }

  #failed(request: FastifyRequest, reply: FastifyReply, passage: Passage, error: Error): void {
    request.raw.unpipe();
    request.raw.resume();
    if (reply.raw.headersSent || reply.raw.destroyed) return void reply.raw.destroy();
    const { service, type, told } = passage;
    const refuse = (status: number, title: string, detail: string, more: Record<string, string>): void => {
      reply.raw.writeHead(status, { ...this.#ownHeaders(reply), 'content-type': type, 'cache-control': 'no-store', ...more });
      reply.raw.end(JSON.stringify(told(status, title, detail)));
    };
    if (error instanceof TooLarge) return refuse(413, 'Payload Too Large', tooLarge(passage), { connection: 'close' });
    this.logger.warn({ name: service, method: request.method, err: error }, 'a service could not be reached');
    refuse(502, 'Bad Gateway', `The service ${service} cannot be reached at the moment. Try again; with the same Idempotency-Key nothing happens twice.`, { 'retry-after': '2' });
  }
}
