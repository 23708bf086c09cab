import type { DataSource } from 'typeorm';
import type { BusRecord } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';

type Place = Pick<BusRecord, 'topic' | 'partition' | 'offset'>;

const place = ({ topic, partition, offset }: Place): readonly unknown[] => [topic, partition, offset];
const nameOf = (record: Place): string => place(record).join('/');
const placesOf = (records: readonly Place[]): readonly unknown[] => [records.map((one) => one.topic), records.map((one) => one.partition), records.map((one) => one.offset)];

const THESE = `where (topic, partition, log_offset) in (select * from unnest($1::text[], $2::int[], $3::bigint[]))`;

/**
 * Counts tries of a message in rows committed before each, so that a try which ends with the process stays counted.
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

  /** True when a process has died over one of these since its attempt was written down. */
  async diedOver(records: readonly BusRecord[]): Promise<boolean> {
    const rows = await withConnection(this.dataSource, (sql) =>
      sql.prepared<Place & { died: number }>(`select topic, partition, log_offset as "offset", tries - failures as died from attempt ${THESE}`, placesOf(records)),
    );
    return rows.some((row) => row.died > (this.#unwritten.get(nameOf(row)) ?? 0));
  }

  /** The tries of a whole batch, where none of its messages has been tried before. */
  async beginAll(records: readonly BusRecord[]): Promise<void> {
    await withConnection(this.dataSource, (sql) =>
      sql.prepared(
        `insert into attempt (topic, partition, log_offset, tries, failures)
         select topic, partition, log_offset, 1, 0 from unnest($1::text[], $2::int[], $3::bigint[]) r (topic, partition, log_offset)
         on conflict (topic, partition, log_offset) do update set tries = attempt.failures + 1`,
        placesOf(records),
      ),
    );
    for (const record of records) this.#unwritten.delete(nameOf(record));
  }

  /** The batch failed, but the process lives. */
  async takeBack(records: readonly BusRecord[]): Promise<void> {
    try {
      await withConnection(this.dataSource, (sql) => sql.prepared(`update attempt set tries = failures ${THESE}`, placesOf(records)));
    } catch {
      for (const record of records) this.#unwritten.set(nameOf(record), 1);
    }
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

/** In the transaction that settles the messages. */
export const clearAttempts = async (sql: PgSql, records: readonly BusRecord[]): Promise<void> => {
  await sql.prepared(`delete from attempt ${THESE}`, placesOf(records));
};
