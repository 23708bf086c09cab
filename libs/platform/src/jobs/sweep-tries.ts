import type { Sql } from '../persistence/sql.js';
import type { InTransaction } from './job-relay.js';

/**
 * Tries of the sweep's own, counted in rows of `attempt` (topic = `job:` and the job's id) that are committed before each
 * try: so one that ends with the process stays counted, and a row whose handling kills the process is parked in the end.
 */
export class SweepTries {
  /** Tries of this process whose end could not be written down: they were no deaths. */
  readonly #unwritten = new Map<string, number>();

  constructor(private readonly inTransaction: InTransaction) {}

  /** Answers how many earlier tries failed, and how many never ended. */
  async begin(id: string): Promise<{ readonly failures: number; readonly deaths: number }> {
    const takeBack = this.#unwritten.get(id) ?? 0;
    const [row] = await this.inTransaction((sql) =>
      sql.query<{ tries: number; failures: number }>(
        `insert into attempt (topic, partition, log_offset, tries, failures) values ($1, 0, 0, 1, 0)
         on conflict (topic, partition, log_offset) do update set tries = attempt.tries + 1 - $2::int
         returning tries, failures`,
        [`job:${id}`, takeBack],
      ),
    );
    this.#unwritten.delete(id);
    return row === undefined ? { failures: 0, deaths: 0 } : { failures: row.failures, deaths: row.tries - 1 - row.failures };
  }

  /** @param how `failed` counts towards the attempts; `excused` (a database that was away) counts as never begun */
  async ended(id: string, how: 'done' | 'failed' | 'excused'): Promise<void> {
    const statement = {
      done: 'delete from attempt where topic = $1',
      failed: 'update attempt set failures = failures + 1 where topic = $1',
      excused: 'update attempt set tries = tries - 1 where topic = $1',
    }[how];
    try {
      await this.inTransaction((sql) => sql.query(statement, [`job:${id}`]));
    } catch (error) {
      this.#unwritten.set(id, (this.#unwritten.get(id) ?? 0) + 1);
      throw error;
    }
  }

  /** Forgets what is no longer due: woken by its alarm, moved or withdrawn. */
  async keepOnly(sql: Sql, ids: readonly string[]): Promise<void> {
    await sql.query(`delete from attempt where topic like 'job:%' and not (topic = any($1::text[]))`, [ids.map((id) => `job:${id}`)]);
  }
}
