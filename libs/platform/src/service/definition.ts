import type { DynamicModule, Type } from '@nestjs/common';
import type { Consumes } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';
import type { JobTable } from '../jobs/jobs.js';
import type { EntityClass } from '../persistence/sql.js';
import type { Unit } from '../persistence/unit.js';
import type { Recovers } from '../recovery/recovers.js';
import type { KeyResolver } from '../runner/key-resolver.js';
import type { Message, ReadRecord } from '../runner/message.js';
import type { TableLogOptions } from '../runner/table-log.js';
import type { FactSource } from './facts.js';
import type { ServiceRuntime } from './runtime.js';

/**
 * A log in the service's own tables, read by the same runner as the bus (position, batches, parking): intake's inbound
 * messages. The start makes `createTableLog`, `createTopicRunner` and `createLogSource` of it and adds it to parking.
 */
export interface TableLogDefinition<Tx> {
  /** Its name in `log_head`, and its topic in positions and parking. */
  readonly name: string;
  readonly read: TableLogOptions['read'];
  readonly message: ReadRecord;
  readonly resolver: KeyResolver;
  readonly handle: (message: Message, tx: Tx) => Promise<void>;
}

/** Everything the platform has to know of a service; each `<service>.module.ts` exports one. */
export interface ServiceDefinition<S extends Service, Tx, Config> {
  readonly name: S;
  /** TypeORM rows of the service's own tables. The platform adds its own (outbox, inbox, position, stream, ...). */
  readonly entities: readonly EntityClass<object>[];
  /** TypeORM migration classes of the service; the platform's run first. */
  readonly migrations: readonly Type[];
  /** env -> typed config; throws one error listing every problem. */
  readonly config: (env: Readonly<Record<string, string | undefined>>) => Config;
  /** Wraps the platform's unit into what use-cases may touch; policy they need from the config comes along as plain data. */
  readonly tx: (unit: Unit<S>, config: Config) => Tx;
  readonly consumes: Consumes<S, Tx>;
  /** What the rows state, so that it can be published again. */
  readonly facts: readonly FactSource<S>[];
  /** What it does with its own topic after its database was put back to an older copy. */
  readonly recovers: Recovers<S, Tx>;
  readonly jobs: JobTable<Tx>;
  /** False: what the jobs are for is switched off, and nothing is run for them. Absent: they always run. */
  readonly jobsWanted?: (config: Config) => boolean;
  /** Logs of its own beside the topics; their readers listen to `runtime.bell`. */
  readonly logs?: (config: Config) => readonly TableLogDefinition<Tx>[];
  /** The Nest module: controllers and listeners, built on the runtime. */
  readonly module: (runtime: ServiceRuntime<S, Tx>, config: Config) => DynamicModule;
}
