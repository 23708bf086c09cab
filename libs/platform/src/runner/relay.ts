import type { Service } from '@throughline/contracts/define-event';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { Bus } from '../bus/bus.js';
import { WakefulLoop } from '../jobs/wakeful-loop.js';
import { allOf, GivenUp, inTransaction, withConnection } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';
import type { Sql } from '../persistence/sql.js';
import type { MessageSpans } from '../telemetry/message-spans.js';
import type { Bell } from './bell.js';

export interface RelayOptions {
  readonly service: Service;
  readonly dataSource: DataSource;
  readonly bus: Bus;
  readonly bell: Bell;
  readonly logger: Logger;
  /** Safety poll; a commit of this process rings the bell. */
  readonly pollMs?: number;
  /** A send is given up after this; below the database's idle-in-transaction time-out. */
  readonly sendTimeoutMs?: number;
  /** Absent: no traces. */
  readonly spans?: MessageSpans | undefined;
  /** Told after each batch: how many left, and the age of the oldest when it was read. */
  readonly onSent?: (events: number, oldestAgeMs: number) => void;
}

export interface Relay {
  /** False while sends fail. */
  healthy(): boolean;
  /** One batch now; answers how many were sent. Tests and shutdown use it. */
  flush(): Promise<number>;
  /** Ends after the batch in hand. */
  stop(): Promise<void>;
}

const BATCH = 500;

interface OutboxRow {
  readonly id: number;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
  readonly age: number;
}

/** Rows not yet on the bus, and the age of the oldest in ms (0 when there is none). */
export const outboxState = async (sql: Sql): Promise<{ readonly rows: number; readonly oldestAgeMs: number }> => {
  const [row] = await sql.query<{ rows: number; oldest: number }>(
    `select count(*) as rows, coalesce(extract(epoch from clock_timestamp() - min(at)) * 1000, 0)::float8 as oldest from outbox`,
  );
  return { rows: row!.rows, oldestAgeMs: Math.max(0, row!.oldest) };
};

/** The send may still be under way when this rejects: its connection must not be used again. */
const withinTime = async (send: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GivenUp(`The bus did not take the events within ${ms} ms`)), ms);
  });
  try {
    await Promise.race([send, late]);
  } finally {
    clearTimeout(timer);
    send.catch(() => undefined);
  }
};

/**
 * Publishes what the outbox holds, in id order, then deletes it, in one transaction that holds the service's relay lock: one
 * relay per service at a time. By ids, never "up to": ids are handed out before commit, and a lower one may appear later. A
 * crash between send and commit sends again; the readers' inbox drops it. A send that was given up may still arrive: then the
 * same events stand on the topic twice, each key's first copies still in order.
 */
export const startRelay = (options: RelayOptions): Relay => {
  const { service, dataSource, bus, bell, logger, pollMs = 50, sendTimeoutMs = 8_000 } = options;
  let healthy = true;

  const batch = async (sql: PgSql): Promise<{ sent: number; oldest: number }> => {
    // One round trip; the rows are read after the lock is held, or not used.
    const [[lock], rows] = (await allOf<unknown[]>([
      sql.prepared('select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as held', [`throughline:${service}:relay`]),
      sql.prepared(`select id, key, headers, value, (extract(epoch from clock_timestamp() - at) * 1000)::float8 as age from outbox order by id limit ${BATCH}`),
    ])) as [{ held: boolean }[], OutboxRow[]];
    if (!lock?.held || rows.length === 0) return { sent: 0, oldest: 0 };
    const records = rows.map(({ key, headers, value }) => ({ key, headers, value }));
    const sent = options.spans?.sending(service, records);
    await withinTime(bus.publish(service, records, sql), sendTimeoutMs).then(sent, (error: unknown) => {
      sent?.(error);
      throw error;
    });
    await sql.prepared('delete from outbox where id = any($1::bigint[])', [rows.map((row) => row.id)]);
    return { sent: rows.length, oldest: Math.max(0, rows[0]!.age) };
  };

  const flush = async (): Promise<number> => {
    // One statement while there is nothing to do, which is most of the time.
    const waiting = await withConnection(dataSource, (sql) => sql.prepared('select from outbox limit 1'));
    if (waiting.length === 0) return 0;
    const { sent, oldest } = await inTransaction(dataSource, batch);
    if (sent > 0) {
      bus.bell?.ring();
      options.onSent?.(sent, oldest);
    }
    return sent;
  };

  const loop = new WakefulLoop({
    round: async () => (await flush()) === BATCH,
    pollMs,
    longestBackoffMs: 2_000,
    onChange: (error) => {
      healthy = error === null;
      if (healthy) logger.info('events are published again');
      else logger.warn({ err: error }, 'events cannot be published; they wait in the outbox');
    },
  });
  const unlisten = bell.listen(() => loop.ring());
  loop.start();
  return {
    healthy: () => healthy,
    flush,
    stop: async () => {
      unlisten();
      await loop.stop();
    },
  };
};
