import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { page, problem } from './answers.js';
import type { Place } from './front-options.js';
import { type Flow, type OidcClient, SignInNeeded } from './oidc-client.js';
import { randomId, type Session, type Sessions } from './sessions.js';

const FLOW_SECONDS = 600;
/** Sign-ins begun and not finished; more than this is somebody hammering, and the oldest go. */
const MOST_FLOWS = 5_000;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A path of this origin, so that a crafted link cannot lead elsewhere after sign-in. */
const ownPath = (wanted: unknown): string => (typeof wanted === 'string' && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted) && !wanted.startsWith('/sign') ? wanted : '/');

export interface Door {
  /** The session of the request's cookie. Background requests (`x-background: 1`) do not move the idle time-out. */
  sessionOf(request: FastifyRequest): Session | undefined;
  /** False, and answered with 403, when a state-changing request of a cookie session lacks its token (header, or a form's `csrfToken`). */
  guard(request: FastifyRequest, reply: FastifyReply, session: Session): boolean;
}

const formToken = (body: unknown): unknown => (typeof body === 'object' && body !== null && 'csrfToken' in body ? body.csrfToken : undefined);

export const makeDoor = (sessions: Sessions, place: () => Place): Door => ({
  sessionOf: (request) => sessions.find(request.cookies[place().sessionCookie], request.headers['x-background'] === undefined),
  guard: (request, reply, session) => {
    if (SAFE_METHODS.has(request.method) || (request.headers['x-csrf-token'] ?? formToken(request.body)) === session.csrfToken) return true;
    problem(reply, 403, 'Forbidden', 'A change needs the header x-csrf-token with the value that GET /session answers.');
    return false;
  },
});

/** Sign-ins on their way to the issuer and back, each used once. */
class Flows {
  readonly #flows = new Map<string, Flow>();

  /** Answers the id that the browser brings back in a cookie. */
  remember(flow: Flow): string {
    for (const [id, { expiresAt }] of this.#flows) if (expiresAt < Date.now() || this.#flows.size >= MOST_FLOWS) this.#flows.delete(id);
    const id = randomId();
    this.#flows.set(id, flow);
    return id;
  }

  take(id: string | undefined): Flow | undefined {
    const flow = id === undefined ? undefined : this.#flows.get(id);
    if (id !== undefined) this.#flows.delete(id);
    return flow && flow.expiresAt >= Date.now() ? flow : undefined;
  }
}

/** /signin, /signin/callback, /signout, /signed-out and /session. */
export const signInRoutes = (app: FastifyInstance, sessions: Sessions, oidc: OidcClient, door: Door, place: () => Place, logger: Logger): void => {
  const flows = new Flows();
  app.get<{ Querystring: { return?: string; again?: string } }>('/signin', async (request, reply) => {
    const { publicUrl, secure, flowCookie } = place();
    const returnTo = ownPath(request.query.return);
    const again = request.query.again === '1';
    // The way back leads to the public address, and the cookie has to be there: begin at that address (not at `localhost`).
    if (request.host !== new URL(publicUrl).host) return reply.redirect(`${publicUrl}/signin?return=${encodeURIComponent(returnTo)}${again ? '&again=1' : ''}`);
    try {
      const { url, flow } = await oidc.begin(returnTo, again);
      // Lax: the browser comes back from another site, where a Strict cookie would stay at home.
      return reply.setCookie(flowCookie, flows.remember(flow), { path: '/signin', httpOnly: true, sameSite: 'lax', secure, maxAge: FLOW_SECONDS }).header('cache-control', 'no-store').redirect(url);
    } catch (error) {
      logger.error({ err: error }, 'the issuer cannot be asked');
      return page(reply, 503, 'Sign-in is not available', 'The sign-in service cannot be reached at the moment.', { href: '/signin', label: 'Try again' });
    }
  });

  app.get('/signin/callback', async (request, reply) => {
    const { secure, sessionCookie, flowCookie } = place();
    const flow = flows.take(request.cookies[flowCookie]);
    reply.clearCookie(flowCookie, { path: '/signin' });
    if (!flow) return page(reply, 400, 'This sign-in has expired', 'It took too long, or was begun in another window.', { href: '/signin', label: 'Sign in' });
    try {
      const { person, tokens } = await oidc.finish(request.url, flow);
      const session = sessions.begin(person, tokens);
      logger.info({ actor: person.sub }, 'signed in');
      reply.setCookie(sessionCookie, session.id, { path: '/', httpOnly: true, sameSite: 'strict', secure });
      return page(reply, 200, 'Signed in', 'Opening Throughline ...', { href: flow.returnTo, label: 'Go on', forward: true });
    } catch (error) {
      logger.warn({ err: error }, 'a sign-in failed');
      return page(reply, 400, 'Sign-in did not work', 'The sign-in service did not confirm who you are.', { href: '/signin', label: 'Try again' });
    }
  });

  // A page asks this over and over, so asking is no sign that a person is there.
  app.get('/session', async (request, reply) => {
    const session = sessions.find(request.cookies[place().sessionCookie], false);
    if (!session) return problem(reply, 401, 'Unauthorized', 'Nobody is signed in here.', { signIn: '/signin' });
    try {
      await oidc.accessToken(session);
    } catch (error) {
      if (!(error instanceof SignInNeeded)) throw error;
      sessions.end(session);
      return problem(reply, 401, 'Unauthorized', 'The sign-in has ended.', { signIn: '/signin' });
    }
    return reply.header('cache-control', 'no-store').send({ user: { sub: session.person.sub, name: session.person.name }, roles: session.person.roles, csrfToken: session.csrfToken });
  });

  app.post('/signout', async (request, reply) => {
    const { sessionCookie } = place();
    const session = door.sessionOf(request);
    if (session && !door.guard(request, reply, session)) return reply;
    reply.clearCookie(sessionCookie, { path: '/' });
    let elsewhere: string | undefined;
    if (session) {
      sessions.end(session);
      logger.info({ actor: session.person.sub }, 'signed out');
      elsewhere = await oidc.end(session).catch(() => undefined);
    }
    const location = elsewhere ?? '/signed-out';
    reply.header('cache-control', 'no-store');
    // A form is led on; a script is told where to go.
    return (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded') ? reply.redirect(location, 303) : reply.send({ location });
  });

  app.get('/signed-out', (_request, reply) => page(reply, 200, 'You are signed out', 'This browser no longer has access to Throughline.', { href: '/signin?again=1', label: 'Sign in' }));
};
