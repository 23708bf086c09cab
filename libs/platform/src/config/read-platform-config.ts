import * as z from 'zod';
import { concealed, readConfig, secret, setting } from './read-config.js';
import type { ConfigOf, ConfigProblem, Environment } from './read-config.js';
import type { PlatformConfig } from './platform-config.js';
import { batchFitsQueue, traceSettings, tracesOf } from './trace-config.js';
import { brokerList, flag, port, text, url } from './value-kinds.js';

export const logLevel = setting(
  'THROUGHLINE_LOG_LEVEL',
  z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  'Set it to trace, debug, info, warn, error, fatal or silent.',
);

/** For a service, too, that has something to say of one bus only. */
export const busSettings = {
  mode: setting('THROUGHLINE_MODE', z.enum(['embedded', 'distributed']).optional(), 'Set it to embedded or distributed.'),
  bus: setting('THROUGHLINE_BUS', z.enum(['embedded', 'kafka']).optional(), 'Set it to embedded or kafka.'),
} as const;

const settingsOf = (service: string) => {
  const own = service.toUpperCase().replaceAll('-', '_');
  return {
    ...busSettings,
    databaseUrl: secret(
      [`THROUGHLINE_${own}_DATABASE_URL`, 'THROUGHLINE_DATABASE_URL'],
      url('postgres', 'postgresql'),
      'Set it to postgres://user:password@host:port/database.',
    ),
    brokers: setting('THROUGHLINE_KAFKA_BROKERS', brokerList.optional(), 'Set it to host:port,host:port.'),
    tls: setting('THROUGHLINE_KAFKA_TLS', flag.default(false), 'Set it to true or false.'),
    saslMechanism: setting(
      'THROUGHLINE_KAFKA_SASL_MECHANISM',
      z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
      'Set it to plain, scram-sha-256 or scram-sha-512, or leave all SASL variables out.',
    ),
    saslUsername: setting('THROUGHLINE_KAFKA_SASL_USERNAME', text.optional(), 'Set it to the name this service signs in with.'),
    saslPassword: secret('THROUGHLINE_KAFKA_SASL_PASSWORD', text.optional(), 'Set it to the password of that name.'),
    jobs: setting('THROUGHLINE_JOBS', z.enum(['postgres', 'redis']).optional(), 'Set it to postgres or redis.'),
    redisUrl: secret('THROUGHLINE_REDIS_URL', url('redis', 'rediss').optional(), 'Set it to redis://host:port/number.'),
    issuerUrl: setting('THROUGHLINE_ISSUER', url('http', 'https'), 'Set it to the URL of the OIDC issuer.'),
    audience: setting('THROUGHLINE_AUDIENCE', text.default('throughline'), 'Set it to the audience that tokens are made for.'),
    httpHost: setting('THROUGHLINE_HTTP_HOST', text.default('127.0.0.1'), 'Set it to the address to listen on.'),
    httpPort: setting(
      [`THROUGHLINE_${own}_HTTP_PORT`, 'THROUGHLINE_HTTP_PORT'],
      port.default(0),
      'Set it to a port from 0 (any free one) to 65535.',
    ),
    logLevel,
    ...traceSettings,
  };
};

type Flat = ConfigOf<ReturnType<typeof settingsOf>>;

export const busOf = (flat: ConfigOf<typeof busSettings>): 'embedded' | 'kafka' => flat.bus ?? (flat.mode === 'embedded' ? 'embedded' : 'kafka');
const jobsOf = (flat: Flat): 'postgres' | 'redis' =>
  flat.jobs ?? (flat.redisUrl === undefined && busOf(flat) === 'embedded' ? 'postgres' : 'redis');

/** What each value allows but all together do not; one check each. */
const noEmbeddedBus = (flat: Flat): readonly ConfigProblem[] =>
  flat.mode === 'distributed' && busOf(flat) === 'embedded'
    ? [{ variable: 'THROUGHLINE_BUS', wrong: 'the embedded bus is for one process and refuses to be anything more', remedy: 'Set it to kafka, or THROUGHLINE_MODE to embedded.' }]
    : [];

const brokersNeeded = (flat: Flat): readonly ConfigProblem[] =>
  busOf(flat) === 'kafka' && flat.brokers === undefined ? [{ variable: 'THROUGHLINE_KAFKA_BROKERS', wrong: 'it is not set', remedy: 'Set it to host:port,host:port.' }] : [];

const redisNeeded = (flat: Flat): readonly ConfigProblem[] =>
  jobsOf(flat) === 'redis' && flat.redisUrl === undefined
    ? [{ variable: 'THROUGHLINE_REDIS_URL', wrong: 'it is not set', remedy: 'Set it to redis://host:port/number, or THROUGHLINE_JOBS to postgres.' }]
    : [];

const saslWhole = (flat: Flat): readonly ConfigProblem[] => {
  const sasl = {
    THROUGHLINE_KAFKA_SASL_MECHANISM: flat.saslMechanism,
    THROUGHLINE_KAFKA_SASL_USERNAME: flat.saslUsername,
    THROUGHLINE_KAFKA_SASL_PASSWORD: flat.saslPassword,
  };
  if (Object.values(sasl).every((value) => value === undefined)) return [];
  return Object.entries(sasl).flatMap(([variable, value]) => (value === undefined ? [{ variable, wrong: 'it is not set while another SASL variable is', remedy: 'Set all three or none.' }] : []));
};

const kafkaOf = (flat: Flat): PlatformConfig['bus'] => ({
  kind: 'kafka',
  brokers: flat.brokers ?? [],
  tls: flat.tls,
  ...(flat.saslMechanism && flat.saslUsername && flat.saslPassword
    ? { sasl: { mechanism: flat.saslMechanism, username: flat.saslUsername, password: flat.saslPassword } }
    : {}),
});

/**
 * The platform's part of a service's environment.
 * @throws ConfigError listing every problem, so that a wrong value stops the start
 */
export const platformConfig = (service: string, env: Environment): PlatformConfig => {
  const flat = readConfig(settingsOf(service), env, noEmbeddedBus, brokersNeeded, redisNeeded, saslWhole, batchFitsQueue);
  const config: PlatformConfig = {
    mode: flat.mode ?? (busOf(flat) === 'embedded' ? 'embedded' : 'distributed'),
    databaseUrl: flat.databaseUrl,
    bus: busOf(flat) === 'embedded' ? { kind: 'embedded' } : kafkaOf(flat),
    jobs: jobsOf(flat) === 'postgres' ? { kind: 'postgres' } : { kind: 'redis', url: flat.redisUrl ?? '' },
    issuer: { url: flat.issuerUrl, audience: flat.audience },
    http: { host: flat.httpHost, port: flat.httpPort },
    logLevel: flat.logLevel,
    traces: tracesOf(flat),
  };
  return concealed(config, {
    ...config,
    databaseUrl: '[secret]',
    bus: { kind: config.bus.kind, ...(config.bus.kind === 'kafka' ? { brokers: config.bus.brokers, tls: config.bus.tls } : {}) },
    jobs: { kind: config.jobs.kind },
  });
};
