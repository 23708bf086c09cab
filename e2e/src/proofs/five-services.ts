import { SERVICES, type Service } from '@throughline/contracts/define-event';
import { topicsReadBy } from '@throughline/contracts/flow';
import type { Bus } from '@throughline/platform/bus/bus';
import { EmbeddedBus } from '@throughline/platform/bus/embedded-bus';
import { KafkaBus, type KafkaBusOptions } from '@throughline/platform/bus/kafka-bus';
import { schemaOf } from '@throughline/platform/persistence/database';
import type { JobRequest } from '@throughline/platform/persistence/unit';
import type { RunningService } from '@throughline/platform/service/boot-ports';
import { createLogger } from '@throughline/platform/telemetry/logger';
import { eventually } from '@throughline/testing/bus-recorder';
import type { FixedClock } from '@throughline/testing/fixed-clock';
import { smtpPeer, type SmtpPeer } from '@throughline/testing/smtp-peer';
import { freePort, type Role } from '@throughline/testing/system';
import { TestAlarms, type AlarmStore } from '@throughline/testing/test-alarms';
import { testDatabase, type TestDatabase } from '@throughline/testing/test-database';
import { testIssuer, type TestIssuer } from '@throughline/testing/test-issuer';
import pg from 'pg';
import { services } from './services.js';

/** How services sign in to brokers that ask who they are. */
export interface Access {
  /** Who makes the topics. */
  readonly connection: Pick<KafkaBusOptions, 'ssl' | 'sasl'>;
  readonly envOf: (service: Service) => Readonly<Record<string, string>>;
}

export interface HttpAnswer<T> {
  readonly status: number;
  readonly body: T;
}

const HALF_A_DAY_MS = 43_200_000;
const PATIENCE_MS = 120_000;

const logger = (service: string) => createLogger({ service, level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });

/**
 * The five services as their program boots them, on a database of their own and on either bus, with the test's clock: nothing
 * falls due while it stands still, so whatever changes meanwhile was changed by what the test did.
 */
export class FiveServices {
  readonly #running = new Map<Service, RunningService>();
  readonly #alarms = new Map<Service, TestAlarms>();
  readonly #armed = new Map<Service, AlarmStore>();
  readonly #seen = new Map<string, string>();

  private constructor(
    readonly clock: FixedClock,
    readonly mllpPort: number,
    readonly mail: SmtpPeer,
    private readonly database: TestDatabase,
    private readonly issuer: TestIssuer,
    private readonly bus: Bus,
    private readonly pool: pg.Pool,
    private readonly env: Readonly<Record<string, string>>,
    private readonly access: Access | undefined,
  ) {
    // Dropping the database ends connections that the pool is just letting go.
    pool.on('error', () => undefined);
  }

  /** @param brokers Kafka's; without them the embedded bus */
  static async start(clock: FixedClock, brokers?: readonly string[], access?: Access): Promise<FiveServices> {
    const database = await testDatabase();
    const issuer = await testIssuer();
    const mail = await smtpPeer();
    const mllpPort = await freePort();
    const env = {
      THROUGHLINE_MODE: brokers ? 'distributed' : 'embedded', THROUGHLINE_BUS: brokers ? 'kafka' : 'embedded', THROUGHLINE_JOBS: 'postgres',
      ...(brokers ? { THROUGHLINE_KAFKA_BROKERS: brokers.join(',') } : {}),
      THROUGHLINE_DATABASE_URL: database.url, THROUGHLINE_ISSUER: issuer.url, THROUGHLINE_HTTP_PORT: '0', THROUGHLINE_MLLP_PORT: String(mllpPort),
      THROUGHLINE_NAMESPACE_SECRET: 'a secret of the tests', THROUGHLINE_SMTP_URL: mail.url, THROUGHLINE_SMTP_FROM: 'throughline@synthetic.example', THROUGHLINE_TEAM_EMAIL: 'team@synthetic.example',
    };
    for (const service of SERVICES) await services[service].migrate(env);
    const bus = brokers ? new KafkaBus({ brokers, ...access?.connection, clientId: 'replay', logger: logger('bus') }) : await EmbeddedBus.open({ url: database.url, logger: logger('bus') });
    await eventually(() => bus.ensureTopics(SERVICES).then(() => true, () => false), 'the topics are made');
    const five = new FiveServices(clock, mllpPort, mail, database, issuer, bus, new pg.Pool({ connectionString: database.url, max: 3 }), env, access);
    for (const service of SERVICES) await five.start(service);
    return five;
  }

  async start(service: Service): Promise<void> {
    const store = this.#armed.get(service) ?? new Map<string, never>();
    const alarms = new TestAlarms(this.clock, store);
    this.#armed.set(service, store);
    this.#alarms.set(service, alarms);
    const shared = this.bus.kind === 'embedded' ? { bus: this.bus } : {};
    const running = await services[service].boot({ env: { ...this.env, ...this.access?.envOf(service) }, clock: this.clock, alarms, logger: logger(service), ...shared });
    this.#running.set(service, running);
    await eventually(async () => (await running.ready()).ok, `${service} is ready`, PATIENCE_MS);
  }

  async halt(service: Service): Promise<void> {
    await this.#running.get(service)?.stop();
    this.#running.delete(service);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((service) => this.halt(service)));
    await this.bus.close();
    await this.pool.end();
    await this.mail.stop();
    await this.issuer.stop();
    await this.database.drop();
  }

  /** In the service's own schema. */
  async rows<Row>(service: Service, text: string, params: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.pool.connect();
    try {
      await client.query(`set search_path = ${schemaOf(service)}`);
      return (await client.query(text, [...params])).rows as Row[];
    } finally {
      client.release();
    }
  }

  async call<T>(service: Service, method: string, path: string, as: Role, options: { body?: unknown; headers?: Record<string, string> } = {}): Promise<HttpAnswer<T>> {
    const response = await fetch(`${this.#running.get(service)!.url}/api/${service}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.issuer.token({ sub: `a ${as}`, roles: [as] })}`, ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  /** Nothing left to do in any running service, twice in a row: work may pass from one count to the next between two looks. */
  async quiet(): Promise<void> {
    let last = '';
    let calm = 0;
    const look = async (): Promise<boolean> => {
      const counts = await Promise.all([...this.#running.keys()].map(async (service) => [service, (await this.call<Record<string, number>>(service, 'GET', '/ledger/quiet', 'operator')).body] as const));
      last = JSON.stringify(Object.fromEntries(counts));
      calm = counts.every(([, body]) => ['outbox', 'jobsAsked', 'lag', 'backlog', 'parked'].every((what) => body[what] === 0)) ? calm + 1 : 0;
      return calm === 2;
    };
    await eventually(look, 'all services are quiet', PATIENCE_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last}`);
    });
  }

  /**
   * Moves the clock by half days; what falls due on the way is woken. Services arm no more than a day ahead and sweep by the
   * real clock, so each half day begins with what their sweep would arm.
   */
  async advance(ms: number): Promise<void> {
    for (const end = this.clock.now().getTime() + ms; this.clock.now().getTime() < end; ) {
      const to = new Date(Math.min(end, this.clock.now().getTime() + HALF_A_DAY_MS));
      for (const [service, alarms] of this.#alarms) {
        await alarms.arm(await this.#due(service, to));
        await alarms.advance(to, () => this.quiet());
      }
    }
  }

  async #due(service: Service, until: Date): Promise<readonly JobRequest[]> {
    const sql = { query: <Row>(text: string, params?: readonly unknown[]) => this.rows<Row>(service, text, params) };
    const due = await Promise.all(Object.entries(services[service].jobs).map(async ([name, job]) => (await job.due(sql, until, 1_000)).map((row) => ({ ...row, name }))));
    return due.flat();
  }

  /** Ids of all events on the service's own topic. */
  async published(service: Service): Promise<ReadonlySet<string>> {
    for (const { partition, high } of await this.bus.spans(service))
      for (let offset = 0; offset < high; offset += 1) {
        const place = `${service}/${partition}/${offset}`;
        // What stands at an offset stands there for good.
        if (!this.#seen.has(place)) this.#seen.set(place, (await this.bus.recordAt(service, partition, offset))?.headers['ce_id'] ?? place);
      }
    return new Set([...this.#seen].filter(([place]) => place.startsWith(`${service}/`)).map(([, id]) => id));
  }

  /** Records on a topic. */
  async length(topic: Service): Promise<number> {
    return (await this.bus.spans(topic)).reduce((sum, { low, high }) => sum + high - low, 0);
  }
}

/** Every service that reads a topic, with each topic that it reads. */
export const READINGS: readonly (readonly [Service, Service])[] = SERVICES.flatMap((service) => topicsReadBy(service).map((topic) => [service, topic] as const));
