import type { Service } from '@throughline/contracts/define-event';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Bus } from '../bus/bus.js';
import { withConnection } from '../persistence/database.js';
import type { Sql } from '../persistence/sql.js';
import type { Transactions } from '../persistence/unit.js';
import type { Mismatch } from '../runner/positions.js';
import { safeError } from '../telemetry/safe-error.js';
import { keysAhead } from './keys-ahead.js';
import { addLosses, beginRecovery, countLosses, endRecovery, lastRecovery, lossesOf, personsSettled, unsettledPersons, type ListedLoss, type RecoveryRow } from './recovery-rows.js';
import { restoreOwn, type RestoreParts } from './restore-own.js';

export interface RecoveryParts<S extends Service, Tx> extends RestoreParts<S, Tx> {
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly transactions: Transactions<S>;
  /** Reads every topic of the service to where it ends now, while nothing else of the service runs. */
  readonly catchUp: (bus: Bus, progress: (left: number) => void) => Promise<readonly Mismatch[]>;
}

/** `needed`: the database is an older copy than the service's own topic, and an operator has not said to recover. */
export type RecoveryState = 'not-needed' | 'needed' | 'under-way';

export interface RecoveryView {
  readonly state: RecoveryState;
  /** Where the one under way stands, in words. */
  readonly step: string | null;
  /** The newest recovery there was. */
  readonly last: (RecoveryRow & { readonly notRecovered: number }) | null;
}

const SETTLED_AT_ONCE = 50;

/**
 * The way back for a service whose database was put back to an older copy than what it published. An operator asks for it;
 * whichever copy of the service is first then does it, alone, with timers, requests and the relay still shut: applies what its
 * own topic says past the copy, reads the other topics to their ends, and makes what depends on whole persons agree. Each step
 * can be broken off and begun again.
 */
export class Recovery<S extends Service, Tx> {
  #state: RecoveryState = 'not-needed';
  #step: string | null = null;

  constructor(private readonly parts: RecoveryParts<S, Tx>) {}

  get state(): RecoveryState {
    return this.#state;
  }

  /** Why nothing is served; undefined where nothing has to be recovered. */
  get reason(): string | undefined {
    if (this.#state === 'not-needed') return undefined;
    return this.#state === 'needed' ? 'the database is an older copy than the topics, and waits for recovery' : `recovering from an older copy: ${this.#step ?? 'begun'}`;
  }

  /** True once the service may go on. False while it waits for an operator, or for another copy that recovers. */
  async done(bus: Bus): Promise<boolean> {
    const { dataSource, service } = this.parts;
    const last = await withConnection(dataSource, lastRecovery);
    if (last && last.endedAt === null) {
      this.#state = 'under-way';
      await this.#alone(() => this.#recover(bus, last)).catch((error: unknown) => {
        const { code, name } = safeError(error);
        this.#step = `broken off (${code ?? name}), and tried again`;
        throw error;
      });
    }
    const ahead = (await keysAhead(dataSource, bus, service)).length > 0;
    const open = await withConnection(dataSource, lastRecovery).then((row) => row !== undefined && row.endedAt === null);
    this.#state = open ? 'under-way' : ahead ? 'needed' : 'not-needed';
    return this.#state === 'not-needed';
  }

  /** An operator's word; the service acts on it within seconds. */
  begin(sql: Sql, actor: string, correlationId: string): Promise<void> {
    return beginRecovery(sql, actor, correlationId, this.parts.clock.now());
  }

  async view(sql: Sql): Promise<RecoveryView> {
    const last = await lastRecovery(sql);
    return { state: last?.endedAt === null ? 'under-way' : this.#state, step: this.#step, last: last ? { ...last, notRecovered: await countLosses(sql, last.id) } : null };
  }

  losses(sql: Sql, recoveryId: number, after: number, limit: number): Promise<readonly ListedLoss[]> {
    return lossesOf(sql, recoveryId, after, limit);
  }

  /** A lock of the session: a copy that dies lets go of it. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const guard = new pg.Client({ connectionString: this.parts.databaseUrl });
    guard.on('error', () => undefined);
    await guard.connect();
    try {
      const { rows } = await guard.query<{ mine: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as mine', [`throughline-recovery:${this.parts.service}`]);
      if (rows[0]!.mine) await work();
      else this.#step = 'in another copy of the service';
    } finally {
      await guard.end().catch(() => undefined);
    }
  }

  async #recover(bus: Bus, { id }: RecoveryRow): Promise<void> {
    const { dataSource, clock, logger } = this.parts;
    logger.warn({ recovery: id }, 'recovering from an older copy of the database');
    this.#step = 'looking for what the copy does not know';
    await restoreOwn(this.parts, bus, id, (restored) => (this.#step = `applied ${restored} of its own facts again`));
    this.#step = 'reading on';
    const unread = await this.parts.catchUp(bus, (left) => (this.#step = `reading on, ${left} messages to go`));
    await withConnection(dataSource, (sql) =>
      addLosses(sql, id, unread.map(({ topic, partition, reason, position }) => ({ type: 'partition', subject: `${topic}/${partition}`, patientId: null, at: null, what: `not read from ${position} on: ${reason}` }))),
    );
    await this.#settlePersons();
    await withConnection(dataSource, (sql) => endRecovery(sql, id, clock.now()));
    this.#step = null;
    logger.warn({ recovery: id }, 'recovered from an older copy of the database');
  }

  async #settlePersons(): Promise<void> {
    const { dataSource, transactions, recovers, service, tx } = this.parts;
    for (let settled = 0; ; ) {
      const ids = await withConnection(dataSource, (sql) => unsettledPersons(sql, SETTLED_AT_ONCE));
      if (ids.length === 0) return;
      for (const id of ids) {
        const cause = { correlationId: id, causationId: id, actor: `service:${service}` };
        await transactions.inPatients([id], cause, async (unit) => {
          await recovers.settle?.(id, tx(unit));
          await personsSettled(unit.sql, [id]);
        });
      }
      settled += ids.length;
      this.#step = `made what ${settled} patients have agree`;
    }
  }
}
