import { Refused } from '@throughline/kernel/refused';
import type { Service } from '@throughline/contracts/define-event';
import { inTransaction } from '../persistence/database.js';
import type { PgSql } from '../persistence/database.js';
import { handleOne, openUnitOfWork } from './handling.js';
import type { Handling } from './handling.js';
import { incoming, Unreadable } from './message.js';
import type { Message } from './message.js';
import { recordOf } from './parked-rows.js';
import type { ParkedRow } from './parked-rows.js';
import { lockPositions } from './positions.js';
import { outcomeOf, writeOutcomes, writeReceipts } from './receipts.js';

/** The row is gone, or another has to go before it: look again. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
}

/** True while the row stands and nothing of its keys stands before it. */
const stillHead = async (sql: PgSql, row: ParkedRow): Promise<boolean> => {
  const found = await sql.query<{ id: number }>(
    `select id from parked where topic = $1 and state <> 'discarded' and (id = $2 or (id < $2 and keys ?| $3::text[])) order by id limit 1`,
    [row.topic, row.id, row.keys],
  );
  return found[0]?.id === row.id;
};

const isStale = async (sql: PgSql, topic: string, { subject, version }: Message): Promise<boolean> => {
  if (subject === undefined || version === undefined) return false;
  const [last] = await sql.query<{ version: number }>('select version from applied where topic = $1 and subject = $2', [topic, subject]);
  return last !== undefined && version <= last.version;
};

const replayIn = async <S extends Service>(handling: Handling<S>, sql: PgSql, row: ParkedRow): Promise<boolean> => {
  // The lock that live batches take: while it is held, messages of these keys either stand behind this row or come after it.
  await lockPositions(sql, row.topic, [row.partition]);
  if (!(await stillHead(sql, row))) throw new NotYet('Another message goes first');
  const now = handling.clock.now();
  await sql.query('delete from parked where id = $1', [row.id]);
  const { record, read } = incoming(recordOf(row.record), handling.read);
  if (read instanceof Unreadable) throw read;
  if (read === undefined) return false;
  const [keys] = await handling.resolver.keysOf([record], sql);
  if (!keys) throw new Unreadable('no-key', 'The key is not a patient id');
  if (await isStale(sql, row.topic, read)) {
    await writeOutcomes(sql, [outcomeOf(record, read, 'replayed', 'stale')], now);
    return false;
  }
  const work = await openUnitOfWork(handling, sql, [record], [keys]);
  const failure = await handleOne(handling, work, record, read);
  if (failure && !(failure.error instanceof Refused)) throw failure.error;
  await work.flush(now);
  const reason = failure ? (failure.error as Refused).reason : row.reason;
  await writeOutcomes(sql, [outcomeOf(record, read, failure ? 'refused' : 'replayed', reason)], now);
  const applied = read.subject === undefined || read.version === undefined ? [] : [[read.subject, read.version] as const];
  await writeReceipts(sql, row.topic, [], new Map(applied));
  return work.rings;
};

/** One parked message, in its own transaction, which also takes it off the list. Throws what it fails with; then nothing changed. */
export const replayMessage = async <S extends Service>(handling: Handling<S>, row: ParkedRow): Promise<void> => {
  if (await inTransaction(handling.dataSource, (sql) => replayIn(handling, sql, row))) handling.bell.ring();
};
