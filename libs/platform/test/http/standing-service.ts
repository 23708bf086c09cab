import type { INestApplication } from '@nestjs/common';
import type { Service } from '@throughline/contracts/define-event';
import { testDatabase } from '@throughline/testing/test-database';
import { testIssuer, type TestIssuer, type TokenWish } from '@throughline/testing/test-issuer';
import type { DataSource } from 'typeorm';
import { tokenVerifier } from '../../src/auth/verifier.js';
import type { HttpLimits } from '../../src/http/http-adapter.js';
import { migrate, type MigrationClass } from '../../src/persistence/migrate.js';
import type { Commands } from '../../src/http/commands.js';
import type { Unit } from '../../src/persistence/unit.js';
import { createParking } from '../../src/runner/parking.js';
import { createApplication } from '../../src/service/application.js';
import { createGround } from '../../src/service/create-runtime.js';
import type { ServiceDefinition } from '../../src/service/definition.js';
import { createLogger } from '../../src/telemetry/logger.js';

export interface StandingService {
  readonly url: string;
  readonly issuer: TestIssuer;
  readonly dataSource: DataSource;
  readonly lines: string[];
  /** A request as somebody with these roles; without a wish, as nobody. */
  ask(path: string, init?: RequestInit & { as?: TokenWish | undefined; json?: unknown }): Promise<Response>;
  stop(): Promise<void>;
}

/** The HTTP side of a service on a real database and a real issuer, without bus and jobs. */
export const standingService = async <S extends Service, Tx, Config>(
  definition: ServiceDefinition<S, Tx, Config>,
  options: { readonly limits?: Partial<HttpLimits> } = {},
): Promise<StandingService> => {
  const database = await testDatabase();
  const issuer = await testIssuer();
  await migrate({ url: database.url, service: definition.name, migrations: definition.migrations as MigrationClass[] });
  const lines: string[] = [];
  const logger = createLogger({ service: definition.name, to: { write: (line) => void lines.push(line) } });
  const config = definition.config({});
  const ground = createGround(definition, config, { databaseUrl: database.url }, logger, {});
  const { runtime, ledger, health, degraded } = ground;
  const { dataSource } = runtime;
  await dataSource.initialize();
  const leave = async (): Promise<void> => {
    await dataSource.destroy();
    await issuer.stop();
    await database.drop();
  };
  const app: INestApplication = await createApplication({
    runtime,
    platform: {
      health,
      degraded,
      metrics: runtime.metrics,
      ledger,
      quiet: async () => ({ outbox: 0, jobsAsked: 0, lag: 0, backlog: 0, parked: 0 }),
      parking: createParking({ dataSource, clock: runtime.clock, logger, handlingOf: () => undefined }),
      positions: async () => [],
      topics: () => [],
      resetPositions: async () => [],
      factTypes: [],
      republish: async () => ({ looked: 0, published: 0, next: undefined }),
      recovery: { view: async () => ({ state: 'not-needed', step: null, last: null }), begin: async () => undefined, losses: async () => [] },
      read: runtime.read,
      commands: ground.commands as unknown as Commands<Unit>,
      shut: () => undefined,
    },
    verifier: tokenVerifier({ url: issuer.url, audience: 'throughline', cooldownMs: 50 }),
    module: definition.module(runtime, config),
    ...(options.limits ? { limits: options.limits } : {}),
  }).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return {
    url,
    issuer,
    dataSource,
    lines,
    ask: async (path, { as, json, headers, ...init } = {}) =>
      fetch(`${url}${path}`, {
        ...init,
        ...(json === undefined ? {} : { body: JSON.stringify(json), method: init.method ?? 'POST' }),
        headers: {
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(as ? { authorization: `Bearer ${await issuer.token(as)}` } : {}),
          ...(headers as Record<string, string>),
        },
      }),
    stop: async () => {
      await app.close();
      await leave();
    },
  };
};
