import { readFileSync } from 'node:fs';
import type { Clock } from '@throughline/kernel/clock';
import { secret, setting, type ConfigOf, type ConfigProblem } from '@throughline/platform/config/read-config';
import { text, url, wholeNumber } from '@throughline/platform/config/value-kinds';
import type { JWK } from 'jose';
import * as z from 'zod';
import { SmartTokens } from './smart-token.js';
import type { Tokens } from './source-http.js';

const MS = { D: 86_400_000, H: 3_600_000, M: 60_000, S: 1_000 } as const;
const DURATION = /^P(?=.)(?:(\d{1,3})D)?(?:T(?=.)(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,4})S)?)?$/;

const durationMs = (value: string): number | undefined => {
  const parts = DURATION.exec(value.trim());
  return parts ? Number(parts[1] ?? 0) * MS.D + Number(parts[2] ?? 0) * MS.H + Number(parts[3] ?? 0) * MS.M + Number(parts[4] ?? 0) * MS.S : undefined;
};

/** `PT5M,PT30M,P1D`: days, hours, minutes, seconds; each later than the one before. */
const ladder = z
  .string()
  .transform((value) => value.split(',').map(durationMs))
  .refine((rungs) => rungs.every((ms) => ms !== undefined && ms > 0), 'not a list of durations such as PT5M,PT4H,P1D')
  .transform((rungs) => rungs as readonly number[])
  .refine((rungs) => rungs.every((ms, n) => n === 0 || ms > rungs[n - 1]!), 'not in rising order');

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** Numbers of patients and a token go there: encrypted, unless it is this machine. */
const sourceUrl = url('https', 'http')
  .transform((value) => new URL(value.replace(/\/+$/, '')))
  .refine(({ protocol, hostname }) => protocol === 'https:' || LOOPBACK.includes(hostname), 'not https://')
  .refine(({ username, password, search, hash }) => `${username}${password}${search}${hash}` === '', 'not a plain base URL: no user, query or fragment');

const ofKey = { d: text, kid: text.optional() };
const Key = z.discriminatedUnion('kty', [z.looseObject({ ...ofKey, kty: z.literal('RSA'), n: text }), z.looseObject({ ...ofKey, kty: z.literal('EC'), crv: z.literal('P-384') })]);

const keyFile = text.transform((path, context): JWK => {
  try {
    return Key.parse(JSON.parse(readFileSync(path, 'utf8'))) as JWK;
  } catch {
    context.addIssue({ code: 'custom', message: 'not a private key' });
    return z.NEVER;
  }
});

export const sourceSettings = {
  summarySource: setting('THROUGHLINE_SUMMARY_SOURCE', sourceUrl.optional(), 'Set it to the base URL of a FHIR R4 server, https:// unless it is on this machine, or leave it out: no summary is asked for then.'),
  summarySourceToken: secret('THROUGHLINE_SUMMARY_SOURCE_TOKEN', text.optional(), 'Set it to the bearer token that the server wants, or leave it out.'),
  summarySourceClientId: setting('THROUGHLINE_SUMMARY_SOURCE_CLIENT_ID', text.optional(), 'Set it to the client id under which the server knows us (SMART Backend Services), or leave it out.'),
  summarySourceKey: secret('THROUGHLINE_SUMMARY_SOURCE_KEY', keyFile.optional(), 'Set it to a JSON file with a private RSA (RS384) or P-384 (ES384) key as a JWK; the server has to know its public half, by `kid`.'),
  summarySourceTimeoutSeconds: setting('THROUGHLINE_SUMMARY_SOURCE_TIMEOUT_SECONDS', wholeNumber(1, 300).default(60), 'Set it to the seconds that one query may take, the document included.'),
  summaryChase: setting('THROUGHLINE_SUMMARY_CHASE', ladder.default([300_000, 1_800_000, 14_400_000, 86_400_000, 172_800_000, 345_600_000]), 'Set it to rising durations after the discharge was recorded, such as PT5M,PT30M,PT4H,P1D,P2D,P4D.'),
} as const;

type SourceConfig = ConfigOf<typeof sourceSettings>;

export const sourceFits = ({ summarySourceToken: token, summarySourceClientId: client, summarySourceKey: key }: SourceConfig): readonly ConfigProblem[] => {
  const problem = (variable: string, wrong: string, remedy: string): readonly ConfigProblem[] => [{ variable, wrong, remedy }];
  if ((client === undefined) !== (key === undefined))
    return problem('THROUGHLINE_SUMMARY_SOURCE_KEY', 'key and client id do not come together', 'Set both THROUGHLINE_SUMMARY_SOURCE_KEY and THROUGHLINE_SUMMARY_SOURCE_CLIENT_ID, or neither.');
  return key && token !== undefined ? problem('THROUGHLINE_SUMMARY_SOURCE_TOKEN', 'it is set beside a key that tokens are asked for with', 'Set the token, or the key and the client id.') : [];
};

export const tokensOf = ({ summarySource: base, summarySourceToken: token, summarySourceClientId: clientId, summarySourceKey: key }: SourceConfig, clock: Clock): Tokens | undefined => {
  if (base && clientId !== undefined && key) return new SmartTokens({ base, clientId, key }, clock);
  return token === undefined ? undefined : { token: () => Promise.resolve(token), drop: () => undefined };
};

/** Who calls a giver of numbers by which FHIR system, over all senders. */
export interface Systems {
  /** Of our name for a giver: those that are configured, else the name itself. */
  readonly of: (authority: string) => readonly string[];
  /** Our name for a system; absent: it is not configured. */
  readonly authorityOf: (system: string) => string | undefined;
}

type Senders = Readonly<Record<string, { readonly authority?: string | undefined; readonly authorities?: Readonly<Record<string, string>> | undefined }>>;

/** An OID may be configured as C-CDA writes it. */
const asUri = (system: string): string => (/^\d+(\.\d+)+$/.test(system) ? `urn:oid:${system}` : system);

export const systemsOf = (senders: Senders): Systems => {
  const pairs = Object.values(senders).flatMap(({ authorities = {} }) => Object.entries(authorities).map(([system, name]) => [asUri(system), name] as const));
  return {
    of: (authority) => {
      const systems = pairs.filter(([, name]) => name === authority).map(([system]) => system);
      return systems.length > 0 ? [...new Set(systems)] : [authority];
    },
    authorityOf: (system) => pairs.find(([one]) => one === system)?.[1],
  };
};
