import type { TraceConfig } from './trace-config.js';

/** What every service needs to run, whichever mode it runs in. Read from the environment in one place (`read-platform-config.ts`). */
export interface PlatformConfig {
  /** `THROUGHLINE_MODE` (default: `embedded` with the embedded bus, else `distributed`) */
  readonly mode: 'embedded' | 'distributed';
  /** `THROUGHLINE_<SERVICE>_DATABASE_URL`, or `THROUGHLINE_DATABASE_URL`. The service's tables are in the schema named after it (`care_plan`). */
  readonly databaseUrl: string;
  /** `THROUGHLINE_BUS=embedded|kafka` */
  readonly bus: { readonly kind: 'embedded' } | KafkaConfig;
  /** `THROUGHLINE_JOBS=postgres|redis`, `THROUGHLINE_REDIS_URL` */
  readonly jobs: JobsConfig;
  /** `THROUGHLINE_ISSUER` (URL of the OIDC issuer), `THROUGHLINE_AUDIENCE` (default `throughline`) */
  readonly issuer: { readonly url: string; readonly audience: string };
  /** `THROUGHLINE_HTTP_HOST` (127.0.0.1), `THROUGHLINE_<SERVICE>_HTTP_PORT` or `THROUGHLINE_HTTP_PORT` (0 = any free one) */
  readonly http: { readonly host: string; readonly port: number };
  /** `THROUGHLINE_LOG_LEVEL` (info) */
  readonly logLevel: string;
  /** OpenTelemetry's own variables (`trace-config.ts`); absent: no traces. */
  readonly traces?: TraceConfig | undefined;
}

export interface KafkaConfig {
  readonly kind: 'kafka';
  /** `THROUGHLINE_KAFKA_BROKERS=host:port,...` */
  readonly brokers: readonly string[];
  /** `THROUGHLINE_KAFKA_TLS=true|false` (false). The certificate is always verified; a private authority's goes in `NODE_EXTRA_CA_CERTS`. */
  readonly tls?: boolean;
  /** `THROUGHLINE_KAFKA_SASL_MECHANISM`, `_SASL_USERNAME`, `_SASL_PASSWORD`: all three or none */
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

export type JobsConfig = { readonly kind: 'postgres' } | { readonly kind: 'redis'; readonly url: string };
