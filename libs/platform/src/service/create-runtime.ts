import type { Service } from '@throughline/contracts/define-event';
import { systemClock } from '@throughline/kernel/clock';
import type { Logger } from 'pino';
import { auditTable } from '../audit/audit-table.js';
import type { PlatformConfig } from '../config/platform-config.js';
import type { Commands } from '../http/commands.js';
import { commandTable } from '../http/command-table.js';
import { createDataSource } from '../persistence/database.js';
import type { Sql } from '../persistence/sql.js';
import { createTransactions } from '../persistence/transactions.js';
import type { Unit } from '../persistence/unit.js';
import { Bell } from '../runner/bell.js';
import { Health } from '../telemetry/health.js';
import { createMetrics } from '../telemetry/metrics.js';
import type { Traces } from '../telemetry/traces.js';
import type { BootOptions } from './boot-ports.js';
import type { ServiceDefinition } from './definition.js';
import { Ledgers } from './ledgers.js';
import { OwnTopics } from './own-topics.js';
import type { ServiceRuntime } from './runtime.js';

export interface Ground<S extends Service, Tx> {
  readonly runtime: ServiceRuntime<S, Tx>;
  readonly tx: (unit: Unit<S>) => Tx;
  /** The platform's own commands: operators'. */
  readonly commands: Commands<Unit<S>>;
  readonly health: Health;
  readonly degraded: Health;
  readonly ledger: Ledgers;
  readonly ownTopics: OwnTopics;
  readonly backlogs: readonly ((sql: Sql) => Promise<number>)[];
  /** Resolves `runtime.whenOpen`. */
  readonly opened: () => void;
}

/** What a service stands on; nothing of it is connected yet. */
export const createGround = <S extends Service, Tx, Config>(
  definition: ServiceDefinition<S, Tx, Config>,
  config: Config,
  platform: Pick<PlatformConfig, 'databaseUrl'>,
  logger: Logger,
  options: Pick<BootOptions, 'clock'> & { readonly traces?: Traces | undefined },
): Ground<S, Tx> => {
  const { name: service, entities } = definition;
  const clock = options.clock ?? systemClock;
  const now = (): Date => clock.now();
  const metrics = createMetrics(service);
  const bell = new Bell();
  const dataSource = createDataSource({ url: platform.databaseUrl, service, entities });
  const transactions = createTransactions({ service, dataSource, clock, bell });
  const tx = (unit: Unit<S>): Tx => definition.tx(unit, config);
  const audit = auditTable(dataSource, now);
  const ledger = new Ledgers(transactions.read);
  const ownTopics = new OwnTopics();
  const health = new Health();
  const degraded = new Health();
  const backlogs: ((sql: Sql) => Promise<number>)[] = [];
  const { promise: whenOpen, resolve: opened } = Promise.withResolvers<void>();
  const runtime: ServiceRuntime<S, Tx> = {
    service,
    clock,
    logger,
    dataSource,
    transactions,
    inPatients: (patientIds, cause, work) => transactions.inPatients(patientIds, cause, (unit) => work(tx(unit))),
    read: transactions.read,
    whenOpen,
    bell,
    topics: { bus: ownTopics.bus, register: (topic) => ownTopics.register(topic) },
    commands: commandTable({ transactions, tx, audit, now }),
    audit,
    metrics,
    traces: options.traces,
    health: {
      register: (name, check) => void health.register(name, check),
      degraded: (name, check) => void degraded.register(name, check),
    },
    ledger: { register: (name, source) => ledger.register(name, source), backlog: (count) => void backlogs.push(count) },
  };
  const ownCommands = commandTable<S, Unit<S>>({ transactions, tx: (unit) => unit, audit, now });
  return { runtime, tx, commands: ownCommands, health, degraded, ledger, ownTopics, backlogs, opened };
};
