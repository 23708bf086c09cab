import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Actor } from './actor.js';

/** The token itself is wrong: 401. The reason goes into `WWW-Authenticate`, never the token. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

/** The issuer's keys cannot be had just now: nobody is let in, and nobody is told that their token is wrong. */
export class IssuerAway extends Error {
  override readonly name = 'IssuerAway';
}

export interface TokenVerifier {
  /** @throws InvalidToken, IssuerAway */
  verify(token: string): Promise<Actor>;
}

export interface IssuerOptions {
  readonly url: string;
  readonly audience: string;
  /** After a failed discovery no other try is made for this long. */
  readonly cooldownMs?: number;
}

// Asymmetric only: with an HMAC in the list, a public key could be used to sign.
const ALGORITHMS = ['RS256', 'PS256', 'ES256'];
const FETCH_TIMEOUT_MS = 5_000;
const KEYS_FRESH_MS = 600_000;
/** A token that was found good is believed for so long, and never beyond its own end; keys themselves are believed for longer. */
const BELIEVED_MS = 30_000;
const MOST_BELIEVED = 1_000;
const TOLERANCE_S = 5;

const sameIssuer = (a: string, b: string): boolean => a.replace(/\/$/, '') === b.replace(/\/$/, '');

interface Issuer {
  /** As the discovery document spells it: `iss` has to be the same to the letter. */
  readonly name: string;
  readonly keys: JWTVerifyGetKey;
}

const discover = async (url: string, cooldownMs: number): Promise<Issuer> => {
  const address = `${url.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(address, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new IssuerAway(`discovery answered ${response.status}`);
  const document = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (typeof document.issuer !== 'string' || typeof document.jwks_uri !== 'string') throw new IssuerAway('discovery names no issuer or no keys');
  if (!sameIssuer(document.issuer, url)) throw new IssuerAway('discovery names another issuer');
  const keys = createRemoteJWKSet(new URL(document.jwks_uri), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: cooldownMs,
    cacheMaxAge: KEYS_FRESH_MS,
  });
  return { name: document.issuer, keys };
};

const actorOf = (payload: JWTPayload): Actor => {
  const roles = payload['roles'];
  return {
    sub: payload.sub!,
    ...(typeof payload['name'] === 'string' ? { name: payload['name'] } : {}),
    roles: Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string') : [],
  };
};

/** What jose says is wrong with the token, in words that can go into a header. */
const invalid = (error: unknown): InvalidToken | undefined => {
  if (error instanceof errors.JWTExpired) return new InvalidToken('the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed) return new InvalidToken(`the claim ${error.claim} is not accepted here`);
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return new InvalidToken('the token is signed with a key that the issuer does not have');
  if (error instanceof errors.JWSSignatureVerificationFailed) return new InvalidToken('the signature is wrong');
  if (error instanceof errors.JOSEAlgNotAllowed) return new InvalidToken('the signing algorithm is not accepted here');
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid || error instanceof errors.JOSENotSupported) return new InvalidToken('the token is malformed');
  return undefined;
};

/** Verifies bearer tokens of one OIDC issuer: signature by its published keys, issuer, audience and expiry. */
export const tokenVerifier = ({ url, audience, cooldownMs = 5_000 }: IssuerOptions): TokenVerifier => {
  let issuer: Promise<Issuer> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;

  const known = (): Promise<Issuer> => {
    if (performance.now() - failedAt < cooldownMs) throw new IssuerAway('the issuer did not answer');
    return (issuer ??= discover(url, cooldownMs).catch((error: unknown) => {
      issuer = undefined;
      failedAt = performance.now();
      throw error;
    }));
  };

  const believed = new Map<string, { readonly actor: Actor; readonly until: number }>();
  const believe = (token: string, actor: Actor, endsAt: number): Actor => {
    if (believed.size >= MOST_BELIEVED) believed.delete(believed.keys().next().value!);
    believed.set(token, { actor, until: Math.min(Date.now() + BELIEVED_MS, (endsAt + TOLERANCE_S) * 1_000) });
    return actor;
  };

  return {
    verify: async (token) => {
      const before = believed.get(token);
      if (before && Date.now() < before.until) return before.actor;
      believed.delete(token);
      try {
        const { name, keys } = await known();
        const { payload } = await jwtVerify(token, keys, {
          issuer: name,
          audience,
          algorithms: ALGORITHMS,
          requiredClaims: ['sub', 'exp'],
          clockTolerance: TOLERANCE_S,
        });
        if (typeof payload.sub !== 'string' || payload.sub === '') throw new InvalidToken('the claim sub is empty');
        return believe(token, actorOf(payload), payload.exp!);
      } catch (error) {
        if (error instanceof InvalidToken || error instanceof IssuerAway) throw error;
        throw invalid(error) ?? new IssuerAway('the issuer did not answer', { cause: error });
      }
    },
  };
};
