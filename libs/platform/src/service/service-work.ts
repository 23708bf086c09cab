import type { INestApplication, Type } from '@nestjs/common';
import type { Service } from '@throughline/contracts/define-event';
import type { Server } from 'node:http';
import type { Bus } from '../bus/bus.js';
import type { PlatformConfig } from '../config/platform-config.js';
import { withConnection } from '../persistence/database.js';
import { migrate, pendingMigrations, type MigrationClass } from '../persistence/migrate.js';
import type { Recovery } from '../recovery/recovery.js';
import type { Parking } from '../runner/parking.js';
import { startPruning } from '../runner/prune.js';
import { startRelay, type Relay } from '../runner/relay.js';
import { BringUp, NotUp } from './bring-up.js';
import type { Ground } from './create-runtime.js';
import type { JobWork } from './job-work.js';
import { observeConnections } from './observe.js';
import type { Reading } from './reading.js';
import { Shutdown } from './shutdown.js';
import { MessageSpans, systemOf } from '../telemetry/message-spans.js';

export interface ServiceWorkParts<S extends Service, Tx> {
  readonly ground: Ground<S, Tx>;
  readonly settings: PlatformConfig;
  readonly migrations: readonly Type[];
  readonly reading: Reading<S, Tx>;
  readonly parking: Parking;
  readonly recovery: Recovery<S, Tx>;
  readonly jobs: JobWork | undefined;
  /** A bus of this service's own, closed with it. */
  readonly openBus: (() => Promise<Bus>) | undefined;
  /** A bus that the process shares. */
  readonly bus: Bus | undefined;
}

/** The longest that the stop waits for each: 38 s together, within the 40 s after which `throughline stack` kills a part. */
const LIMITS_MS = { starting: 5_000, work: 12_000, http: 6_000, outbox: 4_000, relay: 3_000, bus: 3_000, database: 2_000, traces: 3_000 } as const;
/** An open stream is cut after this. */
const STREAMS_MS = 3_000;

/** What a service runs beside its HTTP side: brought up in the order of what needs what, taken down in the order of what feeds what. */
export class ServiceWork<S extends Service, Tx> {
  bus: Bus | undefined;
  #relay: Relay | undefined;
  #stopPruning: (() => Promise<void>) | undefined;
  #tables: Promise<boolean> | undefined;
  #starting: Promise<void> | undefined;
  #open = false;
  #stopped: Promise<void> | undefined;
  readonly #bringUp: BringUp;

  constructor(private readonly parts: ServiceWorkParts<S, Tx>) {
    this.bus = parts.bus;
    this.#bringUp = new BringUp(parts.ground.runtime.logger);
  }

  /** Why no request but for health is served. */
  get shut(): string | undefined {
    if (this.parts.recovery.reason) return this.parts.recovery.reason;
    return this.#open ? undefined : [...this.#bringUp.waiting].map(([name, reason]) => `${name} ${reason}`).join(', ') || 'starting';
  }

  registerHealth(): void {
    const { ground, reading, jobs } = this.parts;
    const { health, degraded, runtime } = ground;
    health.register('start', () => [...this.#bringUp.waiting].map(([name, reason]) => `${name}: ${reason}`).join('; ') || null);
    health.register('database', async () => {
      if (!runtime.dataSource.isInitialized) return 'not connected';
      return withConnection(runtime.dataSource, (sql) => sql.query('select 1')).then(() => null, () => 'does not answer');
    });
    health.register('reading', () => reading.unwell());
    health.register('positions', () => {
      const [first, ...rest] = reading.mismatches();
      return first ? `${first.topic}/${first.partition} ${first.reason}${rest.length > 0 ? ` and ${rest.length} more` : ''}: not read until an operator decides` : null;
    });
    health.register('recovery', () => this.parts.recovery.reason ?? null);
    degraded.register('relay', () => (this.#relay?.healthy() === false ? 'events wait in the outbox' : null));
    if (jobs) degraded.register('jobs', () => (jobs.healthy() ? null : 'the job queue is away; due work is done by the sweep'));
  }

  /** Database and tables, so that the service's own start finds them; resolves without them at the first failure. */
  async foundation(): Promise<void> {
    await new Promise<void>((go) => {
      const tables = this.#bringUp.part('database', () => this.#connect(), go).then((up) => up && this.#bringUp.part('migrations', () => this.#migrations(), go));
      this.#tables = tables;
      void tables.then(() => go());
    });
  }

  /** The rest, each as soon as what it needs is there. */
  start(): void {
    const { logger } = this.parts.ground.runtime;
    this.#starting = this.#start().catch((error: unknown) => logger.error({ err: error }, 'a part of the service failed to start'));
  }

  async #start(): Promise<void> {
    const { reading, parking, jobs, ground } = this.parts;
    const { dataSource, clock, logger } = ground.runtime;
    if (!(await this.#tables)) return;
    this.#stopPruning = startPruning(dataSource, clock, logger);
    let bus: Promise<boolean> | undefined;
    // A bus that is away holds nothing up; one that shows the database to be an older copy holds everything up.
    await new Promise<void>((looked) => {
      bus = this.#bringUp.part('bus', () => this.#connectBus(), () => this.parts.recovery.reason ?? looked());
      void bus.then(() => looked());
    });
    if (this.#bringUp.stopped) return;
    this.#open = true;
    ground.opened();
    reading.startLogs();
    const work = jobs ? this.#bringUp.part('jobs', () => jobs.start()) : undefined;
    if (await bus) {
      this.#startRelay();
      await this.#bringUp.part('topics', () => reading.startTopics(this.bus!));
      if (!this.#bringUp.stopped) parking.start();
    }
    await work;
  }

  /** Unready; takes nothing more; finishes what is in hand; sends what the outbox still holds; leaves. */
  stop(app: INestApplication): Promise<void> {
    return (this.#stopped ??= this.#stop(app));
  }

  async #stop(app: INestApplication): Promise<void> {
    const { ground, reading, parking, jobs } = this.parts;
    const { dataSource, logger, traces } = ground.runtime;
    ground.health.leave();
    this.#bringUp.stop();
    const down = new Shutdown(logger);
    // What is being brought up has to stand before it can be taken down.
    await down.end('starting', LIMITS_MS.starting, () => Promise.all([this.#tables, this.#starting]));
    await Promise.all([
      down.end('reading', LIMITS_MS.work, () => reading.stop()),
      down.end('jobs', LIMITS_MS.work, () => jobs?.stop()),
      down.end('parking', LIMITS_MS.work, () => parking.stop()),
      down.end('pruning', LIMITS_MS.work, () => this.#stopPruning?.()),
    ]);
    await down.end('http', LIMITS_MS.http, () => this.#closeHttp(app));
    await down.end('outbox', LIMITS_MS.outbox, () => this.#flush());
    await down.end('relay', LIMITS_MS.relay, () => this.#relay?.stop());
    if (this.parts.openBus) await down.end('bus', LIMITS_MS.bus, () => this.bus?.close());
    if (dataSource.isInitialized) await down.end('database', LIMITS_MS.database, () => dataSource.destroy());
    await down.end('traces', LIMITS_MS.traces, () => traces?.close());
    logger.info('service has stopped');
  }

  /** Requests in hand are answered; a stream that its controller did not end is cut. */
  async #closeHttp(app: INestApplication): Promise<void> {
    const server = app.getHttpServer() as Server;
    const cut = setTimeout(() => server.closeAllConnections(), STREAMS_MS);
    await app.close().finally(() => clearTimeout(cut));
  }

  async #flush(): Promise<void> {
    while (this.#relay && (await this.#relay.flush()) > 0);
  }

  async #connect(): Promise<void> {
    const { dataSource, metrics } = this.parts.ground.runtime;
    if (dataSource.isInitialized) return;
    await dataSource.initialize();
    observeConnections(metrics, dataSource);
  }

  /** Embedded: this process is the only one, so it may. Distributed: `throughline migrate` does, and this waits for it. */
  async #migrations(): Promise<void> {
    const { settings, ground, migrations } = this.parts;
    const wanted = migrations as readonly MigrationClass[];
    const pending = await pendingMigrations(ground.runtime.dataSource, wanted);
    if (pending.length === 0) return;
    if (settings.mode === 'distributed') throw new NotUp(`run "throughline migrate": ${pending.join(', ')}`);
    await migrate({ url: settings.databaseUrl, service: ground.runtime.service, migrations: wanted });
  }

  async #connectBus(): Promise<void> {
    const { ground, reading, openBus } = this.parts;
    const { service } = ground.runtime;
    this.bus ??= await openBus!();
    await this.bus.ensureTopics([...new Set([service, ...reading.topics])]);
    // The embedded bus stands in the same database: the two are restored together.
    if (this.bus.kind === 'embedded') return;
    if (!(await this.parts.recovery.done(this.bus))) throw new NotUp(this.parts.recovery.reason ?? 'recovering');
  }

  #startRelay(): void {
    const { dataSource, bell, logger, service, traces } = this.parts.ground.runtime;
    const bus = this.bus!;
    const spans = traces && new MessageSpans(traces, service, systemOf(bus));
    if (!this.#bringUp.stopped) this.#relay = startRelay({ service, dataSource, bus, bell, logger, spans });
  }
}
