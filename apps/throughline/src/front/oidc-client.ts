import * as oidc from 'openid-client';
import type { Person, Session, Tokens } from './sessions.js';

/** Between the check here and the use of the token at a service. */
const REFRESH_BEFORE_MS = 45_000;

export interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
  readonly expiresAt: number;
}

/** The session can no longer get a token: the person has to sign in again. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';
}

const tokensOf = (answer: oidc.TokenEndpointResponse, before?: Tokens): Tokens => ({
  accessToken: answer.access_token,
  refreshToken: answer.refresh_token ?? before?.refreshToken,
  idToken: answer.id_token ?? before?.idToken,
  expiresAt: Date.now() + (answer.expires_in ?? 300) * 1000,
});

const strings = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []);

const payloadOf = (jwt: string): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
};

/** Front as a relying party: authorization code with PKCE, refresh, sign-out. The issuer is looked up at first use. */
export class OidcClient {
  #configuration: Promise<oidc.Configuration> | undefined;

  constructor(
    private readonly issuer: { readonly url: string; readonly clientId: string; readonly clientSecret: string },
    private readonly publicUrl: () => string,
  ) {}

  /** Where to send the browser, and what to remember until it comes back. `again` asks for the password whatever session the issuer has. */
  async begin(returnTo: string, again: boolean): Promise<{ url: string; flow: Flow }> {
    const configuration = await this.#discovered();
    const flow: Flow = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier(), returnTo, expiresAt: Date.now() + 10 * 60_000 };
    const url = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `${this.publicUrl()}/signin/callback`,
      scope: 'openid profile offline_access',
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      ...(again ? { prompt: 'login' } : {}),
    });
    return { url: url.href, flow };
  }

  async finish(callbackPath: string, flow: Flow): Promise<{ person: Person; tokens: Tokens }> {
    const configuration = await this.#discovered();
    const answer = await oidc.authorizationCodeGrant(configuration, new URL(`${this.publicUrl()}${callbackPath}`), { pkceCodeVerifier: flow.verifier, expectedState: flow.state, expectedNonce: flow.nonce, idTokenExpected: true });
    const claims: Record<string, unknown> = { ...answer.claims() };
    // The services read roles from the access token; what the page shows has to agree with it, so it is asked first.
    const access = payloadOf(answer.access_token);
    const sub = String(claims['sub'] ?? '');
    return { person: { sub, name: String(claims['name'] ?? access['name'] ?? sub), roles: strings(access['roles'] ?? claims['roles']) }, tokens: tokensOf(answer) };
  }

  /** An access token that is valid for a while. Throws {@link SignInNeeded} when there is no way to one. */
  async accessToken(session: Session): Promise<string> {
    const left = session.tokens.expiresAt - Date.now();
    if (left > REFRESH_BEFORE_MS) return session.tokens.accessToken;
    const { refreshToken } = session.tokens;
    if (refreshToken === undefined) {
      if (left > 0) return session.tokens.accessToken;
      throw new SignInNeeded('the access token has expired and the issuer gave no refresh token');
    }
    session.refreshing ??= this.#refresh(session.tokens, refreshToken).finally(() => (session.refreshing = undefined));
    try {
      session.tokens = await session.refreshing;
    } catch (error) {
      // The issuer's "no" is final; an issuer that cannot be reached is not, while the token lasts.
      if (error instanceof oidc.ResponseBodyError) throw new SignInNeeded('the issuer refused to refresh the token');
      if (left <= 0) throw error;
    }
    return session.tokens.accessToken;
  }

  /** Gives the refresh token back. The URL to send the browser to, when the issuer keeps a session of its own. */
  async end(session: Session): Promise<string | undefined> {
    const configuration = await this.#discovered();
    const { refreshToken, idToken } = session.tokens;
    if (refreshToken !== undefined && configuration.serverMetadata().revocation_endpoint) await oidc.tokenRevocation(configuration, refreshToken).catch(() => undefined);
    if (!configuration.serverMetadata().end_session_endpoint) return undefined;
    return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${this.publicUrl()}/signed-out`, ...(idToken ? { id_token_hint: idToken } : {}) }).href;
  }

  async #refresh(before: Tokens, refreshToken: string): Promise<Tokens> {
    return tokensOf(await oidc.refreshTokenGrant(await this.#discovered(), refreshToken), before);
  }

  #discovered(): Promise<oidc.Configuration> {
    const { url, clientId, clientSecret } = this.issuer;
    // Plain HTTP to the issuer is for the embedded one on loopback and for an operator who names such an address on purpose.
    const execute = url.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    this.#configuration ??= oidc.discovery(new URL(url), clientId, undefined, oidc.ClientSecretBasic(clientSecret), { execute, timeout: 10 }).catch((error: unknown) => {
      this.#configuration = undefined;
      throw error;
    });
    return this.#configuration;
  }
}
