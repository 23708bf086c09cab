import { randomUUID } from 'node:crypto';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { withCorrelation } from '../telemetry/correlation.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces, TraceSpan } from '../telemetry/traces.js';
import { registerBodyParser } from './body-parser.js';
import { details, Problem } from './problem.js';
import { contextOf, openContext } from './request-context.js';

export interface HttpLimits {
  /** Bytes of a body. */
  readonly body: number;
  /** Milliseconds from the first byte of a request to its last. */
  readonly requestMs: number;
  readonly headersMs: number;
}

export const LIMITS: HttpLimits = { body: 1024 * 1024, requestMs: 15_000, headersMs: 10_000 };

export interface HttpOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly limits?: Partial<HttpLimits>;
  /** Absent: no traces. */
  readonly traces?: Traces | undefined;
}

// Answers are data for programs: nothing in them is to be rendered, framed, sniffed or kept.
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const single = (header: string | string[] | undefined, form: RegExp): string | undefined =>
  typeof header === 'string' && form.test(header) ? header : undefined;

/** A probe or a scrape every few seconds is not a business fact. */
const QUIET = new Set(['/livez', '/readyz', '/metrics']);

/** Ends when the connection is done with the answer: a caller that leaves before has a span too, and so has a stream. */
const spanOf = (traces: Traces | undefined, { method, routeOptions: { url: route } }: FastifyRequest, { raw }: FastifyReply, parent: string | undefined): TraceSpan | undefined => {
  if (traces === undefined || QUIET.has(route ?? '')) return undefined;
  const span = traces.begin({ name: route === undefined ? method : `${method} ${route}`, kind: 'server', parent, attributes: { 'http.request.method': method, 'http.route': route } });
  raw.once('close', () => {
    span.set({ 'http.response.status_code': raw.statusCode, ...(raw.writableFinished ? {} : { 'throughline.outcome': 'client-left' }) });
    span.end(raw.statusCode >= 500 ? String(raw.statusCode) : undefined);
  });
  return span;
};

const open = ({ service, traces }: HttpOptions, request: FastifyRequest, reply: FastifyReply): void => {
  const correlationId = single(request.headers['x-correlation-id'], /^[A-Za-z0-9-]{8,64}$/) ?? randomUUID();
  const callers = single(request.headers['traceparent'], /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
  const span = spanOf(traces, request, reply, callers);
  const traceparent = span?.traceparent ?? callers;
  openContext(request, { service, correlationId, audited: false, ...(traceparent ? { traceparent } : {}) });
  void reply.headers({ ...HEADERS, 'x-correlation-id': correlationId });
};

const observe = ({ logger, metrics }: HttpOptions, request: FastifyRequest, reply: FastifyReply): void => {
  // The pattern, never the address: a search holds a name.
  const route = request.routeOptions.url ?? 'none';
  const ms = Math.round(reply.elapsedTime);
  metrics.httpRequestSeconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  const { correlationId, actor } = contextOf(request);
  const line = { correlationId, method: request.method, route, status: reply.statusCode, ms, ...(actor ? { actor: actor.sub } : {}) };
  if (QUIET.has(route)) logger.debug(line, 'request');
  else logger.info(line, 'request');
};

const addHooks = (fastify: FastifyInstance, options: HttpOptions): void => {
  fastify.addHook('onRequest', (request, reply, done) => {
    open(options, request, reply);
    if (/%00/.test(request.url)) done(new Problem(400, 'invalid', 'The request is not valid', 'The address holds a NUL character. Remove it.'));
    else done();
  });
  // Not earlier: the body's events would leave the thread again.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const { correlationId, traceparent } = contextOf(request);
    withCorrelation(correlationId, done, traceparent);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    observe(options, request, reply);
    done();
  });
};

/** Nest's Fastify adapter with limits, headers, our own body parser, correlation ids, request log and metrics. */
export const httpAdapter = (options: HttpOptions): FastifyAdapter => {
  const limits = { ...LIMITS, ...options.limits };
  const adapter = new FastifyAdapter({
    bodyLimit: limits.body,
    requestTimeout: limits.requestMs,
    // Node looks for late requests only this often.
    http: { headersTimeout: Math.min(limits.headersMs, limits.requestMs), connectionsCheckingInterval: Math.min(1_000, limits.requestMs) },
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    // FHIR clients write their base address with a slash at its end.
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    frameworkErrors: (_error: Error, request: FastifyRequest, reply: FastifyReply) => {
      open({ ...options, traces: undefined }, request, reply);
      const problem = new Problem(400, 'invalid', 'The request is not valid', 'The address is malformed or too long.');
      void reply.code(400).header('content-type', 'application/problem+json; charset=utf-8').send(JSON.stringify(details(problem)));
    },
  });
  const fastify = adapter.getInstance() as unknown as FastifyInstance;
  registerBodyParser(fastify);
  addHooks(fastify, options);
  return adapter;
};
