import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { LoggableError } from '../telemetry/safe-error.js';

/** Advisory lock of the embedded bus, one per database. The numbers only have to be nobody else's. */
const LOCK = [1_952_998_759, 1] as const;

const HOLDER = `select a.pid, a.client_port from pg_locks l join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory' and l.classid = $1 and l.objid = $2 and l.granted
   and l.database = (select oid from pg_database where datname = current_database())`;

/**
 * Sees to it that one process alone has the embedded bus of a database open: a session lock, on a connection kept for it.
 * If the connection breaks the lock is taken again; until then it is not held, and nothing is read or published.
 */
export class EmbeddedBusLock {
  #client: pg.Client | undefined;
  #released = false;

  private constructor(private readonly url: string) {}

  /** Fails with a clear error when another process keeps the lock longer than `patienceMs` (a killed one lets go within moments). */
  static async take(url: string, patienceMs: number): Promise<EmbeddedBusLock> {
    const lock = new EmbeddedBusLock(url);
    for (const until = Date.now() + patienceMs; ; await delay(100)) {
      const holder = await lock.#tryOnce();
      if (holder === undefined) return lock;
      if (Date.now() >= until) {
        throw new LoggableError(
          `The embedded bus of this database is already open in another process (its database session: ${holder}). It is for one process only: stop the other one, use a home of your own, or run on Apache Kafka (THROUGHLINE_BUS=kafka)`,
        );
      }
    }
  }

  get held(): boolean {
    return this.#client !== undefined;
  }

  mustHold(): void {
    if (!this.held) throw new LoggableError('The embedded bus has lost its connection and is taking its lock again');
  }

  async release(): Promise<void> {
    this.#released = true;
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  /** Undefined when the lock is ours now, else who has it. */
  async #tryOnce(): Promise<string | undefined> {
    const client = new pg.Client({ connectionString: this.url, application_name: 'throughline-bus-lock', connectionTimeoutMillis: 5_000, keepAlive: true });
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    await client.connect();
    try {
      const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', [...LOCK]);
      if (rows[0]?.got) {
        this.#client = client;
        return undefined;
      }
      const holder = await client.query<{ pid: number; client_port: number }>(HOLDER, [...LOCK]);
      await client.end();
      return String(holder.rows[0]?.pid ?? 'gone by now');
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    void this.#takeAgain();
  }

  async #takeAgain(): Promise<void> {
    while (!this.#released && !this.held) {
      await this.#tryOnce().catch(() => undefined);
      if (!this.held) await delay(250);
    }
    // Released while the connection was being made.
    if (this.#released) await this.release();
  }
}
