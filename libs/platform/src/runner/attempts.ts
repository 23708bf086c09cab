import type { DataSource } from 'typeorm';
import type { BusRecord } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';

const place = ({ topic, partition, offset }: BusRecord): readonly unknown[] => [topic, partition, offset];
const nameOf = (record: BusRecord): string => place(record).join('/');

/**
 * Counts single tries of a message in rows committed before each, so that a try which ends with the process stays counted.
 * A try of this process whose end could not be written down (the database was away) is taken back at the next one.
 */
export class Attempts {
  readonly #unwritten = new Map<string, number>();

  constructor(private readonly dataSource: DataSource) {}

  /** Answers how many earlier tries failed, and how many never ended. */
  async begin(record: BusRecord): Promise<{ readonly failures: number; readonly died: number }> {
    const takeBack = this.#unwritten.get(nameOf(record)) ?? 0;
    const [row] = await withConnection(this.dataSource, (sql) =>
      sql.prepared<{ tries: number; failures: number }>(
        `insert into attempt (topic, partition, log_offset, tries, failures) values ($1, $2, $3, 1, 0)
         on conflict (topic, partition, log_offset) do update set tries = attempt.tries + 1 - $4::int
         returning tries, failures`,
        [...place(record), takeBack],
      ),
    );
    this.#unwritten.delete(nameOf(record));
    return { failures: row!.failures, died: row!.tries - 1 - row!.failures };
  }

  /** Rejects when it cannot be written down; then the try does not count. */
  async failed(record: BusRecord): Promise<void> {
    try {
      await withConnection(this.dataSource, (sql) =>
        sql.prepared('update attempt set failures = failures + 1 where topic = $1 and partition = $2 and log_offset = $3', place(record)),
      );
    } catch (error) {
      this.#unwritten.set(nameOf(record), (this.#unwritten.get(nameOf(record)) ?? 0) + 1);
      throw error;
    }
  }
}

/** In the transaction that settles the message. */
export const clearAttempts = async (sql: PgSql, record: BusRecord): Promise<void> => {
  await sql.prepared('delete from attempt where topic = $1 and partition = $2 and log_offset = $3', place(record));
};
