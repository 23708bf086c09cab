import type { Installation } from '../home/installation.js';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Addresses {
  readonly databaseUrl: string;
  /** Where people reach the console: links in e-mails lead there. */
  readonly url: string;
  readonly issuerUrl: string;
  readonly audience: string;
  readonly mllpPort: number;
}

/** Stands for what is not up yet, when only the rest is to be read. */
export const PLACEHOLDER: Omit<Addresses, 'mllpPort'> = { databaseUrl: 'postgres://not-up-yet.invalid/throughline', url: 'http://not-up-yet.invalid', issuerUrl: 'http://not-up-yet.invalid', audience: 'throughline' };

/** What differs between the modes is where things are; everything else a person set in the environment stays as it is. */
const environmentOf = (installation: Installation, { databaseUrl, url, issuerUrl, audience, mllpPort }: Addresses, more: Record<string, string>): Environment => ({
  ...process.env,
  THROUGHLINE_DATABASE_URL: databaseUrl,
  THROUGHLINE_ISSUER: issuerUrl,
  THROUGHLINE_AUDIENCE: audience,
  THROUGHLINE_CONSOLE_URL: process.env['THROUGHLINE_CONSOLE_URL'] ?? url,
  THROUGHLINE_HTTP_HOST: '127.0.0.1',
  THROUGHLINE_MLLP_HOST: '127.0.0.1',
  THROUGHLINE_MLLP_PORT: String(mllpPort),
  THROUGHLINE_NAMESPACE_SECRET: installation.namespaceSecret,
  ...more,
});

export const embeddedEnvironment = (installation: Installation, addresses: Addresses): Environment =>
  environmentOf(installation, addresses, { THROUGHLINE_MODE: 'embedded', THROUGHLINE_BUS: 'embedded', THROUGHLINE_JOBS: 'postgres', THROUGHLINE_HTTP_PORT: '0' });

export const distributedEnvironment = (installation: Installation, addresses: Addresses, servers: { kafkaBrokers: string; redisUrl: string }, httpPort: number): Environment =>
  environmentOf(installation, addresses, {
    THROUGHLINE_MODE: 'distributed',
    THROUGHLINE_BUS: 'kafka',
    THROUGHLINE_JOBS: 'redis',
    THROUGHLINE_KAFKA_BROKERS: servers.kafkaBrokers,
    THROUGHLINE_REDIS_URL: servers.redisUrl,
    THROUGHLINE_HTTP_PORT: String(httpPort),
  });
