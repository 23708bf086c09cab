import { Refused } from '@throughline/kernel/refused';
import type { Clock } from '@throughline/kernel/clock';
import type { Service } from '@throughline/contracts/define-event';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { isJobTopic, jobOfRecord } from '../jobs/job-parking.js';
import { WakefulLoop } from '../jobs/wakeful-loop.js';
import { inTransaction, withConnection } from '../persistence/database.js';
import { PersonGrew } from '../persistence/streams.js';
import { isTransient } from '../persistence/transient.js';
import type { JobRequest } from '../persistence/unit.js';
import { BrokenAt } from './handling.js';
import type { Handling } from './handling.js';
import { PARKED_COLUMNS, storable, verdictOf } from './parked-rows.js';
import type { ParkedRow } from './parked-rows.js';
import { lockPositions } from './positions.js';
import { writeOutcomes } from './receipts.js';
import { NotYet, replayMessage } from './replay.js';

export interface ParkingOptions<S extends Service = Service> {
  readonly dataSource: DataSource;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How messages of this topic are handled; the runners' `handling`. */
  readonly handlingOf: (topic: string) => Handling<S> | undefined;
  /** Runs a parked job again. */
  readonly wakeJob?: (job: JobRequest) => Promise<void>;
  readonly pollMs?: number;
}

/** Without the message and without the error's story: ids and codes. */
export type ParkedSummary = Omit<ParkedRow, 'record' | 'detail' | 'keys' | 'discardedBy' | 'discardReason'>;

export interface Replayed {
  /** failed: the message at the head fails by itself again; waiting: the surroundings failed, it is tried again by itself. */
  readonly outcome: 'done' | 'failed' | 'waiting' | 'not-found';
  readonly replayed: number;
  /** Still parked under the same keys. */
  readonly left: number;
}

export interface Parking {
  /** In the order of arrival, discarded ones left out. `after` is the last id of the page before. */
  list(page: { readonly after?: number; readonly limit: number }): Promise<readonly ParkedSummary[]>;
  /** The whole message: patient data. */
  show(id: number): Promise<ParkedRow | undefined>;
  /** Rows per state, discarded ones left out. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Drains the keys of this row head-first until it is through, and what follows it, or until one fails. */
  replay(id: number): Promise<Replayed>;
  /** Gives a message up, kept for the record; what followed it goes on. False when there is no such row. */
  discard(id: number, reason: string, actor: string): Promise<boolean>;
  /** Tries waiting messages again when their time has come. */
  start(): void;
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 5 * 60_000;
/** Rounds between looks for followers whose head went away while their drain was cut short. */
const ORPHAN_ROUNDS = 30;

const LIVE = `state <> 'discarded'`;
const NO_EARLIER = `not exists (select from parked e where e.topic = p.topic and e.id < p.id and e.${LIVE}
  and e.keys ?| array(select jsonb_array_elements_text(p.keys)))`;

class ParkedMessages<S extends Service> implements Parking {
  readonly #loop: WakefulLoop;
  #round = 0;
  #stopping = false;

  constructor(private readonly options: ParkingOptions<S>) {
    this.#loop = new WakefulLoop({
      round: () => this.#retryWaiting(),
      pollMs: options.pollMs ?? 1_000,
      onChange: (error) => (error === null ? options.logger.info('parked messages are looked after again') : options.logger.warn({ err: error }, 'parked messages cannot be looked after')),
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the message in hand; a drain that is cut short goes on in another copy or after the next start. */
  stop(): Promise<void> {
    this.#stopping = true;
    return this.#loop.stop();
  }

  list({ after = 0, limit }: { readonly after?: number; readonly limit: number }): Promise<readonly ParkedSummary[]> {
    return withConnection(this.options.dataSource, async (sql) => {
      const rows = await sql.query<ParkedRow>(`select ${PARKED_COLUMNS} from parked where id > $1 and ${LIVE} order by id limit $2`, [after, limit]);
      return rows.map(({ record: _r, detail: _d, keys: _k, discardedBy: _b, discardReason: _w, ...summary }) => summary);
    });
  }

  async show(id: number): Promise<ParkedRow | undefined> {
    const [row] = await withConnection(this.options.dataSource, (sql) => sql.query<ParkedRow>(`select ${PARKED_COLUMNS} from parked where id = $1`, [id]));
    return row;
  }

  async counts(): Promise<Readonly<Record<string, number>>> {
    const rows = await withConnection(this.options.dataSource, (sql) =>
      sql.query<{ state: string; n: number }>(`select state, count(*) as n from parked where ${LIVE} group by state`),
    );
    return Object.fromEntries(rows.map((row) => [row.state, row.n]));
  }

  async replay(id: number): Promise<Replayed> {
    const row = await this.show(id);
    if (!row || row.state === 'discarded') return { outcome: 'not-found', replayed: 0, left: 0 };
    return this.#drain(row);
  }

  async discard(id: number, reason: string, actor: string): Promise<boolean> {
    const row = await this.show(id);
    if (!row) return false;
    const done = await inTransaction(this.options.dataSource, async (sql) => {
      // Under the position's lock, so that nobody joins a tail whose head is going away.
      await lockPositions(sql, row.topic, [row.partition]);
      const now = this.options.clock.now();
      const gone = await sql.query(
        `update parked set state = 'discarded', discarded_by = $2, discard_reason = $3, next_at = null where id = $1 and ${LIVE} returning id`,
        [id, actor, storable(reason)],
      );
      if (gone.length > 0) await writeOutcomes(sql, [{ record: row, message: messageOf(row), outcome: 'discarded', reason: row.reason }], now);
      return gone.length > 0;
    });
    if (done) await this.#drain(row, true);
    return done;
  }

  /** `byItself`: nobody asked, so it stops at a head that waits for a person or for its time. */
  async #drain(row: ParkedRow, byItself = false): Promise<Replayed> {
    for (let replayed = 0; ; ) {
      const head = await this.#headOf(row);
      if (!head || this.#stopping || (byItself && !this.#due(head))) return { outcome: 'done', replayed, left: await this.#left(row) };
      const outcome = await this.#replayHead(head);
      if (outcome === 'done') replayed++;
      else if (outcome !== 'again') return { outcome, replayed, left: await this.#left(row) };
      if (row.keys.length === 0) return { outcome: 'done', replayed, left: 0 };
    }
  }

  #due(head: ParkedRow): boolean {
    return head.state === 'behind' || (head.state === 'waiting' && (head.nextAt?.getTime() ?? 0) <= this.options.clock.now().getTime());
  }

  /** The earliest live row that has to go first: of these keys, of the keys of those before it, and so on. */
  async #headOf(row: ParkedRow): Promise<ParkedRow | undefined> {
    if (row.keys.length === 0) {
      const same = await this.show(row.id);
      return same?.state === 'discarded' ? undefined : same;
    }
    let head: ParkedRow | undefined;
    for (let keys = row.keys; ; keys = head.keys) {
      const [first] = await withConnection(this.options.dataSource, (sql) =>
        sql.query<ParkedRow>(`select ${PARKED_COLUMNS} from parked where topic = $1 and ${LIVE} and keys ?| $2::text[] order by id limit 1`, [row.topic, keys]),
      );
      if (!first || first.id === head?.id) return head;
      head = first;
    }
  }

  async #left(row: ParkedRow): Promise<number> {
    const [count] = await withConnection(this.options.dataSource, (sql) =>
      sql.query<{ n: number }>(`select count(*) as n from parked where topic = $1 and ${LIVE} and (id = $3 or keys ?| $2::text[])`, [row.topic, row.keys, row.id]),
    );
    return count!.n;
  }

  async #replayHead(head: ParkedRow): Promise<'done' | 'again' | 'failed' | 'waiting'> {
    try {
      if (isJobTopic(head.topic)) await this.#replayJob(head);
      else await this.#replayMessage(head);
      return 'done';
    } catch (error) {
      if (error instanceof PersonGrew || error instanceof NotYet) return 'again';
      const cause = error instanceof BrokenAt ? error.cause : error;
      return this.#failedAgain(head, cause);
    }
  }

  async #replayMessage(head: ParkedRow): Promise<void> {
    const handling = this.options.handlingOf(head.topic);
    if (!handling) throw new Error(`Nothing handles ${head.topic} here`);
    await replayMessage(handling, head);
  }

  async #replayJob(head: ParkedRow): Promise<void> {
    const { wakeJob, dataSource, clock } = this.options;
    if (!wakeJob) throw new Error(`Nothing runs ${head.topic} here`);
    await wakeJob(jobOfRecord(head.record));
    await inTransaction(dataSource, async (sql) => {
      await sql.query('delete from parked where id = $1', [head.id]);
      await writeOutcomes(sql, [{ record: head, message: messageOf(head), outcome: 'replayed', reason: head.reason }], clock.now());
    });
  }

  async #failedAgain(head: ParkedRow, error: unknown): Promise<'failed' | 'waiting'> {
    const passing = !(error instanceof Refused) && isTransient(error);
    const verdict = verdictOf(error);
    const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(head.tries, 20), LONGEST_RETRY_MS);
    const nextAt = passing ? new Date(this.options.clock.now().getTime() + wait) : null;
    await withConnection(this.options.dataSource, (sql) =>
      sql.query(`update parked set state = $2, reason = $3, detail = $4, tries = tries + 1, next_at = $5 where id = $1 and ${LIVE}`, [
        head.id,
        passing ? 'waiting' : 'parked',
        passing ? 'unavailable' : verdict.reason,
        verdict.detail === null ? null : storable(verdict.detail),
        nextAt,
      ]),
    );
    this.options.logger.warn({ parked: head.id, topic: head.topic, reason: verdict.reason, waiting: passing }, 'parked message failed again');
    return passing ? 'waiting' : 'failed';
  }

  async #retryWaiting(): Promise<boolean> {
    const orphans = this.#round++ % ORPHAN_ROUNDS === 0 ? `or state = 'behind'` : '';
    const due = await withConnection(this.options.dataSource, (sql) =>
      sql.query<ParkedRow>(
        `select ${PARKED_COLUMNS} from parked p where ((state = 'waiting' and next_at <= $1) ${orphans}) and ${NO_EARLIER} order by id limit 50`,
        [this.options.clock.now()],
      ),
    );
    for (const row of due) await this.#drain(row, true);
    return false;
  }
}

const messageOf = (row: ParkedRow): { id: string; type: string; correlationId?: string } | undefined =>
  row.eventId === null ? undefined : { id: row.eventId, type: row.type ?? 'unknown', ...(row.correlationId === null ? {} : { correlationId: row.correlationId }) };

export const createParking = <S extends Service>(options: ParkingOptions<S>): Parking => new ParkedMessages(options);
