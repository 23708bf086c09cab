import type { Clock } from '@throughline/kernel/clock';
import type { EventOf, EventType } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';
import type { DataSource } from 'typeorm';
import type { Bus, BusRecord } from '../bus/bus.js';
import { inTransaction } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';
import { lockStreams } from '../persistence/streams.js';
import { UnitOfWork } from '../persistence/unit-of-work.js';
import type { Unit } from '../persistence/unit.js';
import { incoming, isUuid, Unreadable } from '../runner/message.js';
import { keysOfRecord } from '../runner/key-resolver.js';
import { readOwnEventsOf } from '../runner/read-event.js';
import { safeError } from '../telemetry/safe-error.js';
import { addHeard, addLosses, addRestored, type Loss } from './recovery-rows.js';
import type { Recovers } from './recovers.js';
import { isNumbered, pages, seqOf, unknownSpans } from './unknown-spans.js';

export interface RestoreParts<S extends Service, Tx> {
  readonly service: S;
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly tx: (unit: Unit<S>) => Tx;
  readonly recovers: Recovers<S, Tx>;
}

const BATCH = 200;

type Heard = EventOf<EventType>;

/** One transaction: what the streams have not reached is applied, and they have reached it. Doing it again does nothing. */
const restoreBatch = <S extends Service, Tx>(parts: RestoreParts<S, Tx>, recoveryId: number, batch: readonly BusRecord[]): Promise<number> =>
  inTransaction(parts.dataSource, async (sql: PgSql) => {
    const streams = await lockStreams(sql, batch.flatMap((record) => [record.headers['ce_partitionkey']!, ...(keysOfRecord(record) ?? [])]));
    const work = new UnitOfWork(parts.service, sql, parts.dataSource, streams, true);
    const now = parts.clock.now();
    const readOwn = readOwnEventsOf(parts.service);
    const losses: Loss[] = [];
    let restored = 0;
    for (const record of batch) {
      const key = record.headers['ce_partitionkey']!;
      const seq = seqOf(record);
      const reached = streams.seq.get(key)!;
      if (seq <= reached) continue;
      const { read } = incoming(record, readOwn);
      const about = { type: record.headers['ce_type'] ?? 'unknown', subject: record.headers['ce_subject'] ?? `${record.partition}/${record.offset}`, patientId: key, at: record.headers['ce_time'] ?? null };
      const missed = (what: string): void => void losses.push({ ...about, what });
      if (seq > reached + 1) missed(`${seq - reached - 1} facts before it are not in the topic any more`);
      if (read instanceof Unreadable) missed('it could not be read');
      else if (!read) missed('it is not a fact of this service');
      else for (const what of await restoreOne(parts, work, read.payload as Heard, now)) missed(what);
      streams.seq.set(key, seq);
      restored += 1;
    }
    await work.flush(now);
    await sql.query('update stream set seq = u.seq from unnest($1::uuid[], $2::bigint[]) u (key, seq) where stream.key = u.key and stream.seq < u.seq', [[...streams.seq.keys()], [...streams.seq.values()]]);
    await addHeard(sql, batch.map((record) => record.headers['ce_causationid']).filter(isUuid));
    await addLosses(sql, recoveryId, losses);
    await addRestored(sql, recoveryId, restored);
    return restored;
  });

const restoreOne = async <S extends Service, Tx>({ tx, recovers, service }: RestoreParts<S, Tx>, work: UnitOfWork<S>, event: Heard, now: Date): Promise<readonly string[]> => {
  const restore = (recovers.restores as Record<string, (event: unknown, tx: Tx) => Promise<readonly string[]>>)[event.type]!;
  const unit = work.begin({ correlationId: event.correlationId, causationId: event.id, actor: `service:${service}` }, now);
  try {
    const lost = await restore(event, tx(unit));
    if (unit.events.length > 0) throw new Error('Restoring publishes nothing');
    await work.keep(unit);
    return lost;
  } catch (error) {
    unit.close();
    if (work.sql.broken) throw error;
    return [`it could not be applied (${safeError(error).name})`];
  }
};

/** Reads the service's own topic past what its database knows and applies it, partition by partition, in order per patient. */
export const restoreOwn = async <S extends Service, Tx>(parts: RestoreParts<S, Tx>, bus: Bus, recoveryId: number, progress: (restored: number) => void): Promise<void> => {
  let total = 0;
  for (const span of await unknownSpans(parts.dataSource, bus, parts.service)) {
    for await (const page of pages(bus, span, BATCH)) {
      const numbered = page.filter(isNumbered);
      if (numbered.length > 0) total += await restoreBatch(parts, recoveryId, numbered);
      progress(total);
    }
  }
};
