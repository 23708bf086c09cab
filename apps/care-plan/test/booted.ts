import { routeOf } from '@throughline/contracts/flow';
import { EmbeddedBus } from '@throughline/platform/bus/embedded-bus';
import { createDataSource, inTransaction } from '@throughline/platform/persistence/database';
import { bootService, migrateService } from '@throughline/platform/service/boot';
import { createLogger } from '@throughline/platform/telemetry/logger';
import { fixedClock } from '@throughline/testing/fixed-clock';
import { eventually } from '@throughline/testing/system';
import { TestAlarms } from '@throughline/testing/test-alarms';
import { testDatabase } from '@throughline/testing/test-database';
import { testIssuer } from '@throughline/testing/test-issuer';
import { carePlan } from '../src/care-plan.module.js';
import type { AnyEvent } from './world.js';

/** The service as it runs: started by the platform, reading the embedded bus, spoken to over HTTP with a real issuer's tokens. */
export const booted = async (now = '2026-03-06T18:00:10.000Z') => {
  const database = await testDatabase();
  const issuer = await testIssuer();
  const env = {
    THROUGHLINE_MODE: 'embedded',
    THROUGHLINE_DATABASE_URL: database.url,
    THROUGHLINE_BUS: 'embedded',
    THROUGHLINE_JOBS: 'postgres',
    THROUGHLINE_ISSUER: issuer.url,
  };
  const logger = createLogger({ service: 'care-plan', level: process.env['TEST_LOG'] ?? 'silent' });
  await migrateService(carePlan, env);
  const bus = await EmbeddedBus.open({ url: database.url, logger });
  const dataSource = await createDataSource({ url: database.url, service: 'care-plan', poolSize: 2 }).initialize();
  const clock = fixedClock(now);
  const alarms = new TestAlarms(clock);
  const service = await bootService(carePlan, { env, logger, clock, bus, alarms });
  await eventually('care-plan ready', async () => (await service.ready()).ok);
  const query = <Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]> => inTransaction(dataSource, (sql) => sql.query<Row>(text, params));
  return {
    query,
    /** Events are published, one after the other, and taken. */
    hear: async (...events: readonly AnyEvent[]): Promise<void> => {
      for (const event of events) {
        const { from } = routeOf(event.type)!;
        const headers = { ce_specversion: '1.0', ce_id: event.id, ce_type: event.type, ce_source: `/throughline/${from}`, ce_subject: event.subject, ce_time: event.time, ce_correlationid: event.correlationId };
        await inTransaction(dataSource, (sql) => bus.publish(from, [{ key: event.data.patientId, headers, value: JSON.stringify(event.data) }], sql));
        bus.bell.ring();
        await eventually(`${event.type} taken`, async () => (await query('select from inbox where id = $1', [event.id])).length === 1);
      }
    },
    ask: async <Body = Record<string, unknown>>(method: string, path: string, { role = 'coordinator', json, headers = {} }: { role?: string | null; json?: unknown; headers?: Record<string, string> } = {}) => {
      const answer = await fetch(`${service.url}/api/care-plan${path}`, {
        method,
        headers: {
          ...(role ? { authorization: `Bearer ${await issuer.token({ sub: `${role}-1`, roles: [role] })}` } : {}),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      return { status: answer.status, etag: answer.headers.get('etag'), replayed: answer.headers.get('idempotency-replayed'), body: (await answer.json()) as Body };
    },
    stop: async (): Promise<void> => {
      await service.stop();
      await bus.close();
      await dataSource.destroy();
      await issuer.stop();
      await database.drop();
    },
  };
};
export type Booted = Awaited<ReturnType<typeof booted>>;
