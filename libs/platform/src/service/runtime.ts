import type { Service } from '@throughline/contracts/define-event';
import type { Clock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Audit } from '../audit/audit.js';
import type { Bus } from '../bus/bus.js';
import type { Commands } from '../http/commands.js';
import type { Sql } from '../persistence/sql.js';
import type { Cause, Transactions } from '../persistence/unit.js';
import type { Bell } from '../runner/bell.js';
import type { HealthCheck } from '../telemetry/health.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import type { LedgerSource } from './ledger.js';
import type { OwnTopic } from './own-topics.js';

/** What the platform hands to a service's module. */
export interface ServiceRuntime<S extends Service, Tx> {
  readonly service: S;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly dataSource: DataSource;
  readonly transactions: Transactions<S>;
  /** `transactions.inPatients` with the service's own Tx. */
  inPatients<T>(patientIds: readonly string[], cause: Cause, work: (tx: Tx) => Promise<T>): Promise<T>;
  readonly read: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  /** Resolves when the service begins to work: what sends or acts by itself waits for it, because a copy of the database may be an old one. */
  readonly whenOpen: Promise<void>;
  /** Rung after every commit that published or asked for something; the SSE stream and the relay listen. */
  readonly bell: Bell;
  /** For topics beside the flow; what is in the flow is read and published by the platform. */
  readonly topics: {
    /** @throws NotUp until it is */
    readonly bus: () => Bus;
    /** Once its reader stands. */
    register(topic: OwnTopic): void;
  };
  /** HTTP writes, each once: see `http/commands.ts`. */
  readonly commands: Commands<Tx>;
  readonly audit: Audit;
  /** The instruments of this service; `metrics.registry` takes a service's own; `/metrics` shows them. */
  readonly metrics: Metrics;
  /** Absent unless an exporter is configured: ask before you begin a span. */
  readonly traces?: Traces | undefined;
  readonly health: {
    /** Not ready while it gives a reason. Asked at each `/readyz`: look at a state, do no work. */
    register(name: string, check: HealthCheck): void;
    /** Reported in `/readyz`, but the service goes on taking requests: a mail server that is away. */
    degraded(name: string, check: HealthCheck): void;
  };
  /** What `GET /api/<service>/ledger` lists, in the order registered. */
  readonly ledger: {
    /** `name` stays the same for ever: it is part of the list's cursors. */
    register(name: string, source: LedgerSource): void;
    /** Work this service alone knows to be unfinished (intake: inbound rows not decided); counts into `/ledger/quiet`'s backlog. */
    backlog(count: (sql: Sql) => Promise<number>): void;
  };
}

/** `@Inject(RUNTIME) private readonly runtime: ServiceRuntime<'care-plan', Tx>` in controllers and listeners. */
export const RUNTIME = Symbol('throughline:runtime');
