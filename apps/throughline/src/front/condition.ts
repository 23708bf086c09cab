import { readFileSync, existsSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { problem } from './answers.js';
import type { FrontOptions } from './front-options.js';
import type { Sessions } from './sessions.js';
import type { Upstreams } from './upstreams.js';

const ASK_MS = 3_000;
const BELOW_FHIR = /^\/fhir(?:[/?]|$)/;

interface Condition {
  /** Why it is not ready. */
  readonly reasons: readonly string[];
  /** What is wrong and does not stop it. */
  readonly degraded: readonly string[];
}

/** Asks one service how it is; each reason is prefixed with its name. */
const conditionOf = async (service: string, url: string): Promise<Condition> => {
  const named = (list: unknown): readonly string[] => (Array.isArray(list) ? list.map((reason) => `${service}: ${String(reason)}`) : []);
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(ASK_MS) });
    const body = (await answer.json().catch(() => undefined)) as { reasons?: unknown; degraded?: unknown } | undefined;
    const reasons = named(body?.reasons);
    return { reasons: answer.ok ? [] : reasons.length > 0 ? reasons : [`${service}: answers ${answer.status}`], degraded: named(body?.degraded) };
  } catch (error) {
    return { reasons: [`${service}: ${error instanceof Error && error.name === 'TimeoutError' ? `no answer within ${ASK_MS} ms` : 'cannot be reached'}`], degraded: [] };
  }
};

/** A service is as ready as its readiest copy; what is wrong with another stops nobody. */
const conditionOfCopies = async (service: string, urls: readonly string[]): Promise<Condition> => {
  const each = await Promise.all(urls.map((url, at) => conditionOf(urls.length === 1 ? service : `${service} (copy ${at + 1} of ${urls.length})`, url)));
  const reasons = each.flatMap((one) => one.reasons);
  const degraded = each.flatMap((one) => one.degraded);
  return each.some((one) => one.reasons.length === 0) ? { reasons: [], degraded: [...reasons, ...degraded] } : { reasons, degraded };
};

/** /livez, /readyz, /metrics, /metrics/<service>, /api and /asyncapi.json. */
export const conditionRoutes = (app: FastifyInstance, options: Pick<FrontOptions, 'asyncApiFile'>, upstreams: Upstreams, sessions: Sessions): void => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({ name: 'throughline_front_requests_total', help: 'Requests at the public door', labelNames: ['service', 'method', 'status'], registers: [registry] });
  const seconds = new Histogram({ name: 'throughline_front_request_seconds', help: 'Time to answer at the public door, streams apart', labelNames: ['service'], buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10], registers: [registry] });
  new Gauge({
    name: 'throughline_front_sessions',
    help: 'Browser sessions held',
    registers: [registry],
    collect() {
      this.set(sessions.size);
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    const begun = performance.now();
    reply.raw.on('close', () => {
      const named = BELOW_FHIR.test(request.url) ? 'intake' : /^\/api\/([\w-]+)\//.exec(request.url)?.[1];
      const service = named !== undefined && upstreams.of(named) ? named : 'front';
      requests.inc({ service, method: request.method, status: String(reply.raw.statusCode) });
      if (!String(reply.raw.getHeader('content-type')).startsWith('text/event-stream')) seconds.observe({ service }, (performance.now() - begun) / 1000);
    });
  });

  app.get('/livez', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const conditions = await Promise.all(upstreams.services.map((service) => conditionOfCopies(service, upstreams.of(service) ?? [])));
    const reasons = conditions.flatMap((one) => one.reasons);
    const degraded = conditions.flatMap((one) => one.degraded);
    return reply.code(reasons.length === 0 ? 200 : 503).header('cache-control', 'no-store').send({ status: reasons.length === 0 ? 'ok' : 'unavailable', reasons, degraded });
  });
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
  app.get<{ Params: { service: string }; Querystring: { copy?: string } }>('/metrics/:service', async (request, reply) => {
    const { service } = request.params;
    const { copy = '1' } = request.query;
    const url = upstreams.of(service)?.[Number(copy) - 1];
    if (url === undefined) return problem(reply, 404, 'Not Found', `There is no service ${JSON.stringify(service)} here${copy === '1' ? '' : ', or no such copy of it'}.`);
    try {
      const answer = await fetch(new URL('/metrics', url), { signal: AbortSignal.timeout(ASK_MS) });
      return await reply.code(answer.status).type(answer.headers.get('content-type') ?? 'text/plain').send(await answer.text());
    } catch {
      return problem(reply, 502, 'Bad Gateway', `The service ${service} cannot be reached at the moment.`);
    }
  });
  app.get('/api', async () => ({
    services: upstreams.services.map((service) => ({ service, openapi: `/api/${service}/openapi.json`, metrics: `/metrics/${service}` })),
    events: '/asyncapi.json',
    stream: '/api/notification/stream',
    fhir: '/fhir/metadata',
  }));
  app.get('/asyncapi.json', async (_request, reply) =>
    existsSync(options.asyncApiFile) ? reply.type('application/json').send(readFileSync(options.asyncApiFile, 'utf8')) : problem(reply, 404, 'Not Found', 'The AsyncAPI document is not part of this installation.'),
  );
};
