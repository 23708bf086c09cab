import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { Complaint, writePrivate } from '../home/home.js';
import { demoSubject, DEMO_MACHINES, type Role } from './demo-users.js';

/** What the embedded issuer keeps in the home: made once, so that tokens and sessions outlive a restart. */
export interface IssuerKeys {
  readonly signing: JWK;
  readonly cookieSecret: string;
  readonly frontSecret: string;
  /** Client id of each demo machine -> its secret. */
  readonly machines: Readonly<Record<string, string>>;
}

const secret = (): string => randomBytes(32).toString('base64url');
const fileIn = (home: string): string => join(home, 'issuer', 'keys.json');

export const issuerKeys = async (home: string): Promise<IssuerKeys> => {
  const file = fileIn(home);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as IssuerKeys;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const keys: IssuerKeys = {
    signing: { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' },
    cookieSecret: secret(),
    frontSecret: secret(),
    machines: Object.fromEntries(DEMO_MACHINES.map(({ id }) => [id, secret()])),
  };
  mkdirSync(join(home, 'issuer'), { recursive: true, mode: 0o700 });
  writePrivate(file, JSON.stringify(keys, null, 2));
  return keys;
};

/**
 * A bearer token for a demo user of this role, signed with the embedded issuer's own key, valid for `hours`.
 * Throws a {@link Complaint} when the home holds no issuer.
 */
export const signDemoToken = async (home: string, issuer: { url: string; audience: string }, role: Role, hours = 12): Promise<string> => {
  if (!existsSync(fileIn(home))) throw new Complaint(`The home ${home} holds no keys of an embedded issuer.`);
  const { signing } = await issuerKeys(home);
  const user = demoSubject(role);
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ name: user.name, roles: [...user.roles] })
    .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: signing.kid ?? '' })
    .setIssuer(issuer.url)
    .setAudience(issuer.audience)
    .setSubject(user.id)
    .setJti(secret())
    .setIssuedAt(now)
    .setExpirationTime(now + hours * 3600)
    .sign(await importJWK(signing, 'RS256'));
};
