import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';

export interface TokenWish {
  readonly sub?: string;
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly audience?: string;
  readonly issuer?: string;
  /** Seconds from now; negative for one that has expired. */
  readonly expiresIn?: number;
  /** Signed with a key that the issuer never published. */
  readonly forged?: boolean;
}

export interface TestIssuer {
  readonly url: string;
  /** Authorization header's value is `Bearer ${await token({ roles: ['nurse'] })}`. */
  token(wish?: TokenWish): Promise<string>;
  /** Publishes a new key from now on and signs with it. */
  rotate(): Promise<void>;
  /** How often the key set was asked for. */
  readonly keysAsked: () => number;
  stop(): Promise<void>;
}

const ALGORITHM = 'RS256';

/** A small OIDC issuer on loopback: discovery, key set and tokens. For tests. */
export const testIssuer = async (port = 0): Promise<TestIssuer> => {
  const forgery = await generateKeyPair(ALGORITHM);
  const keys: { readonly kid: string; readonly pair: { readonly publicKey: CryptoKey; readonly privateKey: CryptoKey } }[] = [];
  const rotate = async (): Promise<void> => void keys.push({ kid: `key-${keys.length + 1}`, pair: await generateKeyPair(ALGORITHM) });
  await rotate();
  let asked = 0;
  let url = '';

  const answers: Record<string, () => unknown> = {
    '/.well-known/openid-configuration': () => ({ issuer: url, jwks_uri: `${url}/jwks` }),
    '/jwks': async () => {
      asked++;
      return { keys: await Promise.all(keys.map(async ({ kid, pair }) => ({ ...(await exportJWK(pair.publicKey)), kid, alg: ALGORITHM, use: 'sig' }))) };
    },
  };
  const server: Server = createServer((request, response) => {
    void (async () => {
      const body = await answers[request.url ?? '']?.();
      response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? {}));
    })();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    rotate,
    keysAsked: () => asked,
    token: ({ sub = 'user-1', name = 'Test User', roles = [], audience = 'throughline', issuer = url, expiresIn = 600, forged = false } = {}) => {
      const { kid, pair } = keys.at(-1)!;
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ name, roles })
        .setProtectedHeader({ alg: ALGORITHM, kid })
        .setSubject(sub)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt(now)
        .setExpirationTime(now + expiresIn)
        .sign(forged ? forgery.privateKey : pair.privateKey);
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
