import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { timingSafeEqual } from 'node:crypto';
import Provider, { type Configuration, type JWK } from 'oidc-provider';
import { Complaint } from '../home/home.js';
import { DEMO_MACHINES, DEMO_PASSWORD, DEMO_USERS } from './demo-users.js';
import { IssuerMemory } from './issuer-memory.js';
import type { IssuerKeys } from './issuer-keys.js';
import { contentSecurityPolicy, messagePage, signInPage, signOutPage } from './sign-in-page.js';

export interface IssuerOptions {
  /** Loopback unless `THROUGHLINE_DEMO_ISSUER=1` allows another address (a container's). */
  readonly host: string;
  readonly port: number;
  /** How browsers and services reach it; default: the address it listens on. */
  readonly publicUrl?: string;
  readonly audience: string;
  /** Where front is reached: the one place that a sign-in may lead back to. */
  readonly frontUrl: string;
  readonly keys: IssuerKeys;
  /** How long an access token lasts; default 10 minutes. */
  readonly accessTokenSeconds?: number;
}

export interface RunningIssuer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The only thing tokens are issued for. `aud` is the audience's name; RFC 8707 wants a URI for the resource itself. */
const RESOURCE = 'urn:throughline:api';
export const FRONT_CLIENT = 'throughline-front';
const ACCESS_TOKEN_SECONDS = 10 * 60;

const claimsOf = (id: string | undefined): { name: string; roles: readonly string[] } | undefined => {
  const user = [...DEMO_USERS, ...DEMO_MACHINES].find((candidate) => candidate.id === id);
  return user && { name: user.name, roles: user.roles };
};

const featuresFor = (audience: string, accessTokenSeconds: number): Configuration['features'] => ({
  devInteractions: { enabled: false },
  clientCredentials: { enabled: true },
  revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
  rpInitiatedLogout: {
    enabled: true,
    logoutSource: (ctx, form) => {
      ctx.body = signOutPage(form);
    },
    postLogoutSuccessSource: (ctx) => {
      ctx.body = messagePage('You are signed out', 'You can close this page.');
    },
  },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => RESOURCE,
    useGrantedResource: () => true,
    getResourceServerInfo: () => ({ scope: '', audience, accessTokenFormat: 'jwt', accessTokenTTL: accessTokenSeconds, jwt: { sign: { alg: 'RS256' } } }),
  },
});

const configuration = ({ audience, frontUrl, keys, accessTokenSeconds = ACCESS_TOKEN_SECONDS }: IssuerOptions, cookiePrefix: string): Configuration => ({
  adapter: IssuerMemory,
  jwks: { keys: [keys.signing as JWK] },
  clients: [
    {
      client_id: FRONT_CLIENT,
      client_secret: keys.frontSecret,
      redirect_uris: [`${frontUrl}/signin/callback`],
      post_logout_redirect_uris: [`${frontUrl}/signed-out`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
    ...DEMO_MACHINES.map(({ id }) => ({ client_id: id, client_secret: keys.machines[id] ?? '', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] })),
  ],
  cookies: {
    keys: [keys.cookieSecret],
    // Cookies of 127.0.0.1 are shared by all its ports: two instances must not sign each other out.
    names: { session: `${cookiePrefix}_session`, interaction: `${cookiePrefix}_interaction`, resume: `${cookiePrefix}_resume` },
    long: { signed: true },
    short: { signed: true },
  },
  claims: { openid: ['sub'], profile: ['name', 'roles'] },
  conformIdTokenClaims: false,
  scopes: ['openid', 'profile', 'offline_access'],
  pkce: { required: () => true },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, id) => {
    const claims = claimsOf(id);
    return claims && { accountId: id, claims: async () => ({ sub: id, name: claims.name, roles: [...claims.roles] }) };
  },
  // The one client is ours: there is nothing to consent to.
  loadExistingGrant: async (ctx) => {
    const { client, session, provider } = ctx.oidc;
    if (!client || !session?.accountId) return undefined;
    const known = session.grantIdFor(client.clientId);
    const found = known ? await provider.Grant.find(known) : undefined;
    if (found) return found;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile offline_access');
    await grant.save();
    return grant;
  },
  issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: () => true,
  extraTokenClaims: async (_ctx, token) => {
    const claims = claimsOf(token.kind === 'AccessToken' ? token.accountId : token.clientId);
    return claims && { name: claims.name, roles: [...claims.roles] };
  },
  ttl: { AccessToken: accessTokenSeconds, ClientCredentials: accessTokenSeconds, IdToken: 3600, Interaction: 3600, Session: 12 * 3600, Grant: 12 * 3600, RefreshToken: 12 * 3600, AuthorizationCode: 60 },
  features: featuresFor(audience, accessTokenSeconds),
  renderError: (ctx, out) => {
    ctx.type = 'html';
    ctx.body = messagePage('Sign-in did not work', `${out.error_description ?? out.error}. Go back to Throughline and start again.`);
  },
});

const samePassword = (given: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(DEMO_PASSWORD)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
    if (body.length > 4096) throw new Complaint('The form is too large.');
  }
  return new URLSearchParams(body);
};

/** The sign-in page (GET /interaction/:uid) and its form (POST /interaction/:uid/login). */
const interact = async (provider: Provider, request: IncomingMessage, response: ServerResponse, uid: string): Promise<void> => {
  const show = (status: number, failure?: string): void => void response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(signInPage(uid, failure));
  await provider.interactionDetails(request, response);
  if (request.method === 'GET') return show(200);
  const form = await readForm(request);
  const user = DEMO_USERS.find(({ id }) => id === form.get('user'));
  if (!user || !samePassword(form.get('password') ?? '')) return show(401, 'The password is wrong. It stands below the field.');
  await provider.interactionFinished(request, response, { login: { accountId: user.id, remember: false } }, { mergeWithLastSubmission: false });
};

const listen = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => done((server.address() as { port: number }).port));
  });

/** The demo OIDC issuer: authorization code with PKCE for front, client credentials for machines, RS256 JWT access tokens. */
export const startIssuer = async (options: IssuerOptions): Promise<RunningIssuer> => {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => handle(request, response));
  const port = await listen(server, options.host, options.port);
  const url = options.publicUrl ?? `http://${options.host}:${port}`;
  const provider = new Provider(url, configuration(options, `throughline_issuer_${new URL(url).port || 'x'}`));
  provider.proxy = url.startsWith('https:');
  const policy = contentSecurityPolicy([options.frontUrl]);
  const callback = provider.callback();
  handle = (request, response) => {
    response.setHeader('content-security-policy', policy);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    const interaction = /^\/interaction\/([\w-]+)(?:\/login)?$/.exec((request.url ?? '').split('?')[0] ?? '');
    if (!interaction?.[1]) return void callback(request, response);
    interact(provider, request, response, interaction[1]).catch(() => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(400, { 'content-type': 'text/html; charset=utf-8' }).end(messagePage('This sign-in has expired', 'Go back to Throughline and start again.'));
    });
  };
  return {
    url,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
