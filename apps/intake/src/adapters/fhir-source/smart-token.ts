import { randomUUID } from 'node:crypto';
import type { Clock } from '@throughline/kernel/clock';
import { importJWK, SignJWT, type JWK } from 'jose';
import { record, text, type Json } from './json-reading.js';
import { bounded, failureOf, parsed, QueryEnded, thrown, type Tokens } from './source-http.js';

export interface SmartClient {
  readonly base: URL;
  readonly clientId: string;
  /** Private; RSA or EC. The source knows its public half. */
  readonly key: JWK;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const RESOURCES = ['DocumentReference', 'Patient', 'Encounter', 'Binary'] as const;
/** Of the life of a token: asked for anew before it ends. */
const MARGIN_MS = 20_000;
const ASSERTION_SECONDS = 240;
const MAX_BYTES = 256 * 1024;

const scopeOf = ({ capabilities }: Json): string => {
  const known = Array.isArray(capabilities) ? (capabilities as unknown[]) : [];
  const verb = known.includes('permission-v1') && !known.includes('permission-v2') ? 'read' : 'rs';
  return RESOURCES.map((one) => `system/${one}.${verb}`).join(' ');
};

/** Tokens by SMART Backend Services: the client signs for itself, so that no secret lies at two places. */
export class SmartTokens implements Tokens {
  #held: { readonly token: string; readonly until: number } | undefined;
  /** Queries that begin together ask for one token. */
  #asking: Promise<string> | undefined;

  constructor(
    private readonly client: SmartClient,
    private readonly clock: Clock,
  ) {}

  /** The next one is asked for anew: the source did not take this one. */
  drop(): void {
    this.#held = undefined;
  }

  /** @throws QueryEnded */
  token(signal: AbortSignal): Promise<string> {
    const now = this.clock.now().getTime();
    if (this.#held && this.#held.until > now) return Promise.resolve(this.#held.token);
    return (this.#asking ??= this.#ask(now, signal).finally(() => (this.#asking = undefined)));
  }

  async #ask(now: number, signal: AbortSignal): Promise<string> {
    const configuration = await this.#json(new URL(`${this.client.base.href.replace(/\/$/, '')}/.well-known/smart-configuration`), {}, signal);
    const endpoint = URL.parse(text(configuration['token_endpoint']) ?? '');
    // What is https stays so: the assertion is worth a token.
    if (!endpoint || (endpoint.protocol !== 'https:' && endpoint.origin !== this.client.base.origin)) throw new QueryEnded('elsewhere');
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: scopeOf(configuration), client_assertion_type: ASSERTION, client_assertion: await this.#assertion(endpoint, now) });
    const answer = await this.#json(endpoint, { method: 'POST', body }, signal);
    const [token, seconds] = [text(answer['access_token']), Number(answer['expires_in'] ?? 300)];
    if (token === undefined) throw new QueryEnded('unauthorised');
    this.#held = { token, until: now + (Number.isFinite(seconds) ? seconds : 300) * 1_000 - MARGIN_MS };
    return token;
  }

  async #assertion(endpoint: URL, now: number): Promise<string> {
    const { clientId, key } = this.client;
    const alg = key.kty === 'EC' ? 'ES384' : 'RS384';
    const seconds = Math.floor(now / 1_000);
    return new SignJWT()
      .setProtectedHeader({ alg, typ: 'JWT', ...(key.kid === undefined ? {} : { kid: key.kid }) })
      .setIssuer(clientId).setSubject(clientId).setAudience(endpoint.href).setJti(randomUUID()).setIssuedAt(seconds).setExpirationTime(seconds + ASSERTION_SECONDS)
      .sign(await importJWK(key, alg));
  }

  async #json(target: URL, init: RequestInit, signal: AbortSignal): Promise<Json> {
    try {
      const response = await fetch(target, { ...init, headers: { accept: 'application/json' }, redirect: 'manual', signal });
      // RFC 6749 5.2: what is wrong with a client or its assertion is a 400.
      if (!response.ok) throw new QueryEnded(init.method === 'POST' && response.status === 400 ? 'unauthorised' : failureOf(response.status));
      const found = record(parsed(await bounded(response, MAX_BYTES)));
      if (!found) throw new QueryEnded('unreadable');
      return found;
    } catch (error) {
      throw thrown(error, signal);
    }
  }
}
