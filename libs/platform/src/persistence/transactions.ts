import { setTimeout as delay } from 'node:timers/promises';
import type { Service } from '@throughline/contracts/define-event';
import type { Clock } from '@throughline/kernel/clock';
import type { DataSource } from 'typeorm';
import type { Bell } from '../runner/bell.js';
import { inTransaction, withConnection } from './database.js';
import { lockStreams, PersonGrew } from './streams.js';
import { isTransient } from './transient.js';
import { UnitOfWork } from './unit-of-work.js';
import type { Transactions } from './unit.js';

export interface TransactionsOptions<S extends Service> {
  readonly service: S;
  readonly dataSource: DataSource;
  readonly clock: Clock;
  /** Rung after each commit that published or asked for something. */
  readonly bell: Bell;
  /** Waits between tries of a transient failure, in ms; after the last one the error goes to the caller. */
  readonly backoffMs?: readonly number[];
}

/** A person that grows is no failure, but one that grows without end is. */
const MOST_RESTARTS = 20;

/**
 * For commands and jobs. Statements per call: begin, lock streams, read aliases, one read per kind used, one write per
 * table changed, one for streams, outbox and jobs, commit.
 */
export const createTransactions = <S extends Service>(options: TransactionsOptions<S>): Transactions<S> => {
  const { service, dataSource, clock, bell, backoffMs = [20, 100, 400, 1_000] } = options;

  const once: Transactions<S>['inPatients'] = async (patientIds, cause, work) => {
    const { result, rings } = await inTransaction(dataSource, async (sql) => {
      const unitOfWork = new UnitOfWork(service, sql, dataSource, await lockStreams(sql, patientIds));
      const unit = unitOfWork.begin(cause, clock.now());
      const result = await work(unit);
      await unitOfWork.keep(unit);
      await unitOfWork.flush(unit.now);
      return { result, rings: unitOfWork.rings };
    });
    if (rings) bell.ring();
    return result;
  };

  return {
    inPatients: async (patientIds, cause, work) => {
      let failures = 0;
      let restarts = 0;
      for (;;) {
        try {
          return await once(patientIds, cause, work);
        } catch (error) {
          if (error instanceof PersonGrew && restarts++ < MOST_RESTARTS) continue;
          const wait = backoffMs[failures++];
          if (!isTransient(error) || wait === undefined) throw error;
          await delay(wait);
        }
      }
    },
    read: (work) => withConnection(dataSource, work),
  };
};
