import { Refused } from '@throughline/kernel/refused';
import type { Clock } from '@throughline/kernel/clock';
import type { Service } from '@throughline/contracts/define-event';
import type { DataSource } from 'typeorm';
import type { BusRecord } from '../bus/bus.js';
import type { PgSql } from '../persistence/database.js';
import { lockStreams, PersonGrew } from '../persistence/streams.js';
import { isTransient } from '../persistence/transient.js';
import { UnitOfWork } from '../persistence/unit-of-work.js';
import { withCorrelation } from '../telemetry/correlation.js';
import type { MessageSpans } from '../telemetry/message-spans.js';
import type { TraceSpan } from '../telemetry/traces.js';
import type { Bell } from './bell.js';
import type { KeyResolver } from './key-resolver.js';
import type { Dispatch, Message, ReadRecord } from './message.js';

/** How a service handles messages, whether they arrive live or are replayed. */
export interface Handling<S extends Service = Service> {
  readonly service: S;
  readonly dataSource: DataSource;
  readonly clock: Clock;
  /** Rung after each commit that published or asked for something. */
  readonly bell: Bell;
  readonly read: ReadRecord;
  readonly resolver: KeyResolver;
  readonly dispatch: Dispatch<S>;
  /** The service gets to know again what an older copy of its database had missed. */
  readonly catchingUp?: boolean;
  /** Absent: no traces. */
  readonly spans?: MessageSpans | undefined;
}

/** The transaction can only be rolled back, and this record did it. `cause` is the error. */
export class BrokenAt extends Error {
  override readonly name = 'BrokenAt';
  constructor(
    readonly record: BusRecord,
    override readonly cause: unknown,
  ) {
    super('A statement failed while a message was handled');
  }
}

/** Locks the streams that the records name, and makes sure that they still name the same ones afterwards. */
export const openUnitOfWork = async <S extends Service>(
  handling: Handling<S>,
  sql: PgSql,
  records: readonly BusRecord[],
  keys: readonly (readonly string[] | null)[],
): Promise<UnitOfWork<S>> => {
  const streams = await lockStreams(sql, keys.flatMap((some) => some ?? []));
  const again = records.length === 0 ? [] : await handling.resolver.keysOf(records, sql);
  const same = again.every((some, index) => String(some) === String(keys[index]));
  if (!same) throw new PersonGrew('The records name other people than before the lock');
  return new UnitOfWork(handling.service, sql, handling.dataSource, streams, handling.catchingUp);
};

/**
 * One message through its use-case. Answers the error that is the message's own (then nothing of it is kept); `Refused` is one
 * of them. Throws `BrokenAt` when the transaction has to be given up: a statement failed, or the surroundings did.
 */
export const handleOne = async <S extends Service>(
  handling: Handling<S>,
  work: UnitOfWork<S>,
  record: BusRecord,
  message: Message,
  batch?: TraceSpan,
): Promise<{ readonly error: unknown } | undefined> => {
  const span = handling.spans?.handling(record, message, batch);
  const cause = span === undefined ? message.cause : { ...message.cause, traceparent: span.traceparent };
  const unit = work.begin(cause, handling.clock.now());
  let failure: { readonly error: unknown } | undefined;
  try {
    await withCorrelation(cause.correlationId, () => handling.dispatch(message, unit), cause.traceparent);
  } catch (error) {
    failure = { error };
  }
  span?.end(failure ?? work.sql.broken);
  unit.close();
  if (work.sql.broken) throw new BrokenAt(record, work.sql.broken.error);
  if (failure === undefined) {
    await work.keep(unit);
    return undefined;
  }
  if (!(failure.error instanceof Refused) && isTransient(failure.error)) throw new BrokenAt(record, failure.error);
  return failure;
};
