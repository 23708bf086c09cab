import { createHash } from 'node:crypto';
import pg from 'pg';
import { DataSource } from 'typeorm';
import type { EntityClass, Sql } from './sql.js';
import { AuditRow } from './audit.row.js';
import { CommandRow } from './command.row.js';
import { isConnectionLost } from './transient.js';

/** `care-plan` keeps its tables in the schema `care_plan`. */
export const schemaOf = (service: string): string => service.replaceAll('-', '_');

const INT8 = 20;
const DATE = 1082;

/** bigint as number (our counters stay below 2^53); a calendar date as `YYYY-MM-DD`, never shifted by the process's zone. */
export const typeParsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === INT8) return Number;
    if (oid === DATE) return (value: string) => value;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

export interface DatabaseOptions {
  readonly url: string;
  readonly service: string;
  readonly entities?: readonly EntityClass<object>[];
  /** Connections are a budget: 4 per service. */
  readonly poolSize?: number;
}

/**
 * A prepared plan is kept: one made while a table was small would read all of it, or join it as a whole, for as long as the
 * connection lives. Every statement of ours asks for few rows by an index, so the planner is kept to that.
 */
const BY_INDEX = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'jit'].map((name) => `-c ${name}=off`).join(' ');

/**
 * Session settings of every connection: a frozen copy must not hold the service, and unqualified names mean this service's
 * tables. They go through `options`, which needs no statement of its own.
 */
export const sessionOptions = (schema: string): string =>
  `-c search_path=${schema} -c idle_in_transaction_session_timeout=10000 -c lock_timeout=5000 -c statement_timeout=30000 ${BY_INDEX}`;

/** The service's connections and entity metadata. Call `initialize()` before use and `destroy()` at the end. */
export const createDataSource = ({ url, service, entities = [], poolSize = 4 }: DatabaseOptions): DataSource =>
  new DataSource({
    type: 'postgres',
    url,
    schema: schemaOf(service),
    entities: [AuditRow, CommandRow, ...entities],
    synchronize: false,
    logging: false,
    applicationName: `throughline-${service}`,
    installExtensions: false,
    extra: {
      max: poolSize,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      // Statements that need not wait for each other's rows go out together: one round trip, one wake-up on either side.
      pipeline: true,
      // Above statement_timeout: for a server that froze or a network that went quiet.
      query_timeout: 40_000,
      types: typeParsers,
      options: sessionOptions(schemaOf(service)),
    },
    // A connection dying while idle is the pool's to replace; without a listener it would end the process.
    poolErrorHandler: () => undefined,
  });

const sent = new WeakMap<DataSource, { statements: number }>();

/** Counts what this process sends through `PgSql`, begin and commit included; TypeORM's own reads are not in it. */
const counterOf = (dataSource: DataSource): { statements: number } => {
  let counter = sent.get(dataSource);
  if (!counter) sent.set(dataSource, (counter = { statements: 0 }));
  return counter;
};

/** Statements sent since the data source was made. */
export const statementsOf = (dataSource: DataSource): number => sent.get(dataSource)?.statements ?? 0;

const poolOf = (dataSource: DataSource): pg.Pool => (dataSource.driver as unknown as { master: pg.Pool }).master;

const names = new Map<string, string>();
const nameOf = (text: string): string => {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('base64url');
    names.set(text, name);
  }
  return name;
};

/** Thrown by work whose statements may still be running: the connection is thrown away instead of rolled back. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';
}

/** Waits for all of them, then fails with the first failure: none is left running behind its caller's back. */
export const allOf = async <T>(running: readonly Promise<T>[]): Promise<T[]> => {
  const ended = await Promise.allSettled(running);
  return ended.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
};

/**
 * One connection. Statements run in the order of their calls, whether they are awaited one by one or sent together
 * (`allOf`); none after the transaction ended.
 */
export class PgSql implements Sql {
  #tail: Promise<unknown> = Promise.resolve();
  #over = false;
  #broken: { readonly error: unknown } | undefined;

  constructor(
    private readonly client: pg.PoolClient,
    private readonly sent: { statements: number },
  ) {}

  /** The first error of a statement: from then on the transaction is aborted and can only be rolled back. */
  get broken(): { readonly error: unknown } | undefined {
    return this.#broken;
  }

  query<Row = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.#run<Row>({ text, values: params as unknown[] });
  }

  /** As `query`, planned once per connection. For fixed texts only: each stays in the connection's memory. */
  prepared<Row = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.#run<Row>({ text, values: params as unknown[], name: nameOf(text) });
  }

  /** Refuses further statements and waits for those in hand. */
  async end(): Promise<void> {
    this.#over = true;
    await this.#tail;
  }

  #run<Row>(query: pg.QueryConfig): Promise<Row[]> {
    if (this.#over) return Promise.reject(new Error('The transaction is over: a statement was not awaited by its use-case'));
    const run = this.#send<Row>(query);
    this.#tail = Promise.allSettled([this.#tail, run]);
    return run;
  }

  async #send<Row>(query: pg.QueryConfig): Promise<Row[]> {
    this.sent.statements += 1;
    try {
      return (await this.client.query(query)).rows as Row[];
    } catch (error) {
      this.#broken ??= { error };
      throw error;
    }
  }
}

const checkedOut = async <T>(dataSource: DataSource, use: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await poolOf(dataSource).connect();
  let lost = false;
  const onError = (): void => {
    lost = true;
  };
  client.on('error', onError);
  try {
    return await use(client);
  } catch (error) {
    lost ||= error instanceof GivenUp || isConnectionLost(error);
    throw error;
  } finally {
    client.removeListener('error', onError);
    client.release(lost);
  }
};

/**
 * Runs `work` between begin and commit; any error rolls back. A statement error that `work` swallowed fails the whole
 * too, because PostgreSQL would answer the commit of an aborted transaction with a silent rollback.
 */
export const inTransaction = async <T>(dataSource: DataSource, work: (sql: PgSql) => Promise<T>): Promise<T> =>
  checkedOut(dataSource, async (client) => {
    const sql = new PgSql(client, counterOf(dataSource));
    try {
      // Not waited for: it leaves with the first statement. Should it fail, the connection is gone.
      sql.query('begin').catch(() => undefined);
      const result = await work(sql);
      await sql.end();
      if (sql.broken) throw sql.broken.error;
      counterOf(dataSource).statements += 1;
      await client.query('commit');
      return result;
    } catch (error) {
      const ended = sql.end();
      if (!(error instanceof GivenUp) && !isConnectionLost(error)) {
        await ended;
        // Its failure is the loss of the connection, which the first error's caller finds out by trying again.
        await client.query('rollback').catch((failure: unknown) => {
          throw isConnectionLost(failure) ? failure : error;
        });
      }
      throw error;
    }
  });

/** A connection without a transaction: each statement sees what is committed by then. */
export const withConnection = async <T>(dataSource: DataSource, work: (sql: PgSql) => Promise<T>): Promise<T> =>
  checkedOut(dataSource, async (client) => {
    const sql = new PgSql(client, counterOf(dataSource));
    try {
      return await work(sql);
    } finally {
      await sql.end();
    }
  });
