import { STATUS_CODES } from 'node:http';
import cookie from '@fastify/cookie';
import formBody from '@fastify/formbody';
import Fastify, { type FastifyReply } from 'fastify';
import { consoleRoutes } from './console-files.js';
import { conditionRoutes } from './condition.js';
import { problem, securityHeaders } from './answers.js';
import { type FrontOptions, type Place, placeOf } from './front-options.js';
import { OidcClient } from './oidc-client.js';
import { PassOn } from './pass-on.js';
import { Sessions } from './sessions.js';
import { makeDoor, signInRoutes } from './sign-in.js';
import { Upstreams } from './upstreams.js';

export interface RunningFront {
  readonly url: string;
  stop(): Promise<void>;
}

/** What the request held is not repeated: an address or a body may name a patient, and answers are kept in places that must not. */
const unreadable = (reply: FastifyReply, status = 400): FastifyReply =>
  problem(reply, status, STATUS_CODES[status] ?? 'Bad Request', status === 413 ? 'The body is too large.' : 'The request could not be read. Check its address, headers and body.');

/**
 * The one public HTTP port: the console's files, the browser's session, and the way to the services. It keeps no facts of
 * the domain, and no token ever reaches the page.
 */
export const startFront = async (options: FrontOptions): Promise<RunningFront> => {
  const app = Fastify({ forceCloseConnections: true, requestTimeout: 60_000, bodyLimit: 64 * 1024, routerOptions: { maxParamLength: 500 }, exposeHeadRoutes: true, frameworkErrors: (_error, _request, reply) => void unreadable(reply) });
  let place: Place = placeOf(options.publicUrl ?? `http://${options.host}:${options.port}`);
  const where = (): Place => place;
  const sessions = new Sessions(options);
  const oidc = new OidcClient(options.issuer, () => place.publicUrl);
  const door = makeDoor(sessions, where);
  const upstreams = new Upstreams(options.upstreams);
  const passOn = new PassOn(upstreams, sessions, oidc, door, options.logger);

  await app.register(cookie);
  await app.register(formBody);
  app.addHook('onRequest', async (_request, reply) => securityHeaders(reply, place.secure));
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.logger.error({ err: error }, 'front failed');
    return status >= 500 ? problem(reply, status, 'Internal Server Error', 'Something went wrong here; it has been logged.') : unreadable(reply, status);
  });
  app.setNotFoundHandler((request, reply) => problem(reply, 404, 'Not Found', `There is nothing for ${request.method} at this address.`));
  conditionRoutes(app, options, upstreams, sessions);
  signInRoutes(app, sessions, oidc, door, where, options.logger);
  passOn.routes(app);
  await consoleRoutes(app, options.consoleFolder, options.issuer.url);

  const address = await app.listen({ host: options.host, port: options.port });
  place = placeOf(options.publicUrl ?? address);
  return {
    url: place.publicUrl,
    stop: async () => {
      sessions.stop();
      passOn.stop();
      upstreams.stop();
      await app.close();
    },
  };
};
