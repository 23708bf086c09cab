import type { Service } from '@throughline/contracts/define-event';
import { routeOf, type DataOf, type EventType } from '@throughline/contracts/flow';
import { eventId } from '@throughline/kernel/ids';
import { EmbeddedBus } from '@throughline/platform/bus/embedded-bus';
import { schemaOf } from '@throughline/platform/persistence/database';
import { bootService } from '@throughline/platform/service/boot';
import type { ServiceDefinition } from '@throughline/platform/service/definition';
import { createLogger } from '@throughline/platform/telemetry/logger';
import pg from 'pg';
import type { FixedClock } from './fixed-clock.js';
import { TestAlarms, type AlarmStore } from './test-alarms.js';
import { testDatabase } from './test-database.js';
import { testIssuer, type TokenWish } from './test-issuer.js';

/** What the copies of one service share: a real database, the embedded bus, an issuer, and the test's clock. */
export interface Ground {
  readonly clock: FixedClock;
  /** Everything the services wrote to their logs. */
  readonly lines: readonly string[];
  /** Starts a copy of the service, as its program would. */
  start<S extends Service, Tx, Config>(definition: ServiceDefinition<S, Tx, Config>, env?: Readonly<Record<string, string>>): Promise<StandingService>;
  /** A connection of the test's own, to be ended by it. */
  client(): Promise<pg.Client>;
  /** Ends what was started and not stopped. */
  stop(): Promise<void>;
}

export interface StandingService {
  readonly url: string;
  /** Publishes the event on its topic and waits until this service has handled it. */
  hear<T extends EventType>(type: T, data: DataOf<T>): Promise<void>;
  /** Moves the clock; every alarm due on the way is woken. */
  advance(ms: number): Promise<void>;
  rows<Row = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<Row[]>;
  /** What it has published, in order per patient. */
  published(): Promise<{ type: string; data: Record<string, unknown>; correlationId: string }[]>;
  /** A request as somebody with these roles; without `as`, as nobody. */
  ask(path: string, init?: RequestInit & { as?: TokenWish; json?: unknown }): Promise<Response>;
  stop(): Promise<void>;
}

const CORRELATION = '0f8fad5b-d9cb-469f-a165-70867728950e';

/** Waits for a condition, not for a time. */
export const until = async <T>(what: string, look: () => Promise<T | undefined | false>, seconds = 30): Promise<T> => {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export const standingGround = async (clock: FixedClock): Promise<Ground> => {
  const database = await testDatabase();
  const issuer = await testIssuer();
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', to: { write: (line: string) => void lines.push(line) } });
  const bus = await EmbeddedBus.open({ url: database.url, logger });
  const pool = new pg.Pool({ connectionString: database.url, max: 2 });
  // Dropping the database may meet a connection that is still closing.
  pool.on('error', () => undefined);
  const query = async <Row>(text: string, params: readonly unknown[] = []): Promise<Row[]> => (await pool.query(text, params as unknown[])).rows as Row[];
  const stores = new Map<string, AlarmStore>();
  const standing = new Set<StandingService>();

  const publish = async <T extends EventType>(type: T, data: DataOf<T>): Promise<{ topic: string; subject: string }> => {
    const route = routeOf(type)!;
    const subject = route.event.subject(data);
    const headers = {
      ce_specversion: '1.0',
      ce_id: eventId(type, subject, data.version),
      ce_type: type,
      ce_source: `/throughline/${route.from}`,
      ce_subject: subject,
      ce_time: clock.now().toISOString(),
      ce_partitionkey: data.patientId,
      ce_correlationid: CORRELATION,
      'content-type': 'application/json',
    };
    await bus.publish(route.from, [{ key: data.patientId, headers, value: JSON.stringify(data) }], { query });
    bus.bell.ring();
    return { topic: route.from, subject };
  };

  const start: Ground['start'] = async (definition, env = {}) => {
    const { name } = definition;
    const schema = schemaOf(name);
    const store = stores.get(name) ?? stores.set(name, new Map()).get(name)!;
    const alarms = new TestAlarms(clock, store);
    const settings = { THROUGHLINE_MODE: 'embedded', THROUGHLINE_BUS: 'embedded', THROUGHLINE_DATABASE_URL: database.url, THROUGHLINE_ISSUER: issuer.url, ...env };
    const running = await bootService(definition, { env: settings, bus, clock, alarms, logger });
    await until(`${name} ready`, async () => (await running.ready()).ok);
    const flowed = (): Promise<unknown> =>
      until('everything flowed on', async () => (await query(`select 1 from ${schema}.outbox union all select 1 from ${schema}.job_request limit 1`)).length === 0);
    const service: StandingService = {
      url: running.url,
      hear: async (type, data) => {
        const { topic, subject } = await publish(type, data);
        await until(`${type} is handled`, async () =>
          (await query(`select 1 from ${schema}.applied where topic = $1 and subject = $2 and version >= $3`, [topic, subject, data.version])).length === 1,
        );
      },
      advance: (ms) => alarms.advance(new Date(clock.now().getTime() + ms), async () => void (await flowed())),
      rows: async (text, params = []) => {
        const client = await pool.connect();
        try {
          await client.query(`set search_path = ${schema}`);
          return (await client.query(text, params as unknown[])).rows as never;
        } finally {
          client.release();
        }
      },
      published: async () => {
        await flowed();
        const records = await query<{ headers: Record<string, string>; value: string }>('select headers, value from bus.record where topic = $1 order by at, partition, "offset"', [name]);
        return records.map(({ headers, value }) => ({ type: headers['ce_type']!, data: JSON.parse(value) as Record<string, unknown>, correlationId: headers['ce_correlationid']! }));
      },
      ask: async (path, { as, json, headers, ...init } = {}) =>
        fetch(`${running.url}${path}`, {
          ...init,
          ...(json === undefined ? {} : { body: JSON.stringify(json), method: init.method ?? 'POST' }),
          headers: {
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(as ? { authorization: `Bearer ${await issuer.token(as)}` } : {}),
            ...(headers as Record<string, string>),
          },
        }),
      stop: async () => {
        standing.delete(service);
        await running.stop();
      },
    };
    standing.add(service);
    return service;
  };

  return {
    clock,
    lines,
    start,
    client: async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      return client;
    },
    stop: async () => {
      await Promise.all([...standing].map((service) => service.stop()));
      await bus.close();
      await pool.end();
      await issuer.stop();
      await database.drop();
    },
  };
};
