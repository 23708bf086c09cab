import * as z from 'zod';
import { readConfig, secret, setting, type ConfigOf, type Environment } from '@throughline/platform/config/read-config';
import { url, wholeNumber } from '@throughline/platform/config/value-kinds';
import type { EmailPolicy } from './domain/email-policy.js';
import type { Reason } from './domain/message.js';

const REASONS = ['opened', 'overdue', 'escalated'] as const satisfies readonly Reason[];
const ADDRESS = /^[^\s@<>,;"]+@[^\s@<>,;"]+$/;

const reasons = z
  .string()
  .transform((value) => value.split(',').map((part) => part.trim()))
  .pipe(z.array(z.enum(REASONS)));

/** `care@example.org`, or `transitions=a@example.org,*=b@example.org`: `*` is any other team. */
const teamAddresses = z.string().transform((value, context): ReadonlyMap<string, string> => {
  const addresses = new Map<string, string>();
  for (const part of value.split(',')) {
    const [address, team = '*'] = part.split('=').map((piece) => piece.trim()).reverse();
    if (!address || !ADDRESS.test(address)) context.addIssue({ code: 'custom', message: 'not an address, nor team=address pairs' });
    else addresses.set(team, address);
  }
  return addresses;
});

const settings = {
  smtpUrl: secret('THROUGHLINE_SMTP_URL', url('smtp', 'smtps').optional(), 'Set it to smtp://user:password@host:port, or leave it out to switch e-mail off.'),
  smtpFrom: setting('THROUGHLINE_SMTP_FROM', z.string().regex(ADDRESS, 'not an address').optional(), 'Set it to the address that e-mails come from.'),
  teamEmail: setting('THROUGHLINE_TEAM_EMAIL', teamAddresses.optional(), 'Set it to the address of the team, or to team=address pairs with commas between.'),
  emailOn: setting('THROUGHLINE_EMAIL_ON', reasons.default(['overdue', 'escalated']), `Set it to any of ${REASONS.join(', ')}, with commas between.`),
  smtpTimeoutSeconds: setting('THROUGHLINE_SMTP_TIMEOUT_SECONDS', wholeNumber(1, 600).default(60), 'Set it to the seconds that sending one e-mail may take.'),
  digestSeconds: setting('THROUGHLINE_EMAIL_DIGEST_SECONDS', wholeNumber(1, 86_400).default(3_600), 'Set it to the seconds between two digests of backdated tasks.'),
  consoleUrl: setting('THROUGHLINE_CONSOLE_URL', url('http', 'https').default('http://127.0.0.1:7400'), "Set it to the console's public address, for links in e-mails."),
  streamsPerUser: setting('THROUGHLINE_STREAMS_PER_USER', wholeNumber(1, 1_000).default(10), 'Set it to how many streams one user may have open.'),
  heartbeatSeconds: setting('THROUGHLINE_STREAM_HEARTBEAT_SECONDS', wholeNumber(1, 300).default(15), 'Set it to the seconds between two heartbeats of a stream.'),
  streamMinutes: setting('THROUGHLINE_STREAM_MINUTES', wholeNumber(1, 1_440).default(60), 'Set it to the minutes after which a stream ends and its client has to sign in again.'),
};

export interface SmtpConfig {
  readonly url: string;
  readonly from: string;
  readonly recipients: ReadonlyMap<string, string>;
  readonly timeoutMs: number;
}

export interface Config {
  /** Undefined: the channel is off. */
  readonly smtp: SmtpConfig | undefined;
  readonly email: EmailPolicy;
  readonly consoleUrl: string;
  readonly stream: { readonly perUser: number; readonly heartbeatMs: number; readonly lifetimeMs: number };
}

/** News older than this is not e-mailed any more. */
const EXPIRE_AFTER_MS = 24 * 3_600_000;

const neededForMail = (variable: string, setting: 'smtpFrom' | 'teamEmail') => (read: ConfigOf<typeof settings>) =>
  read.smtpUrl !== undefined && read[setting] === undefined ? [{ variable, wrong: 'it is not set, but THROUGHLINE_SMTP_URL is', remedy: 'Set both, or neither to switch e-mail off.' }] : [];

/** @throws ConfigError listing every problem */
export const readServiceConfig = (env: Environment): Config => {
  const read = readConfig(settings, env, neededForMail('THROUGHLINE_SMTP_FROM', 'smtpFrom'), neededForMail('THROUGHLINE_TEAM_EMAIL', 'teamEmail'));
  const on = read.smtpUrl !== undefined && read.smtpFrom !== undefined && read.teamEmail !== undefined;
  return {
    smtp: on ? { url: read.smtpUrl!, from: read.smtpFrom!, recipients: read.teamEmail!, timeoutMs: read.smtpTimeoutSeconds * 1_000 } : undefined,
    email: on ? { state: 'on', reasons: read.emailOn, digestEveryMs: read.digestSeconds * 1_000, expireAfterMs: EXPIRE_AFTER_MS } : { state: 'off' },
    consoleUrl: read.consoleUrl,
    stream: { perUser: read.streamsPerUser, heartbeatMs: read.heartbeatSeconds * 1_000, lifetimeMs: read.streamMinutes * 60_000 },
  };
};
