import type { Clock } from '@throughline/kernel/clock';
import { tryLock, type InTransaction } from '@throughline/platform/jobs/job-relay';
import { WakefulLoop } from '@throughline/platform/jobs/wakeful-loop';
import type { Sql } from '@throughline/platform/persistence/sql';
import type { Logger } from 'pino';
import { HOUR, hourOf } from '../../domain/sender-rhythm.js';
import { countedAt, countHour, forgetBefore, learnRhythms, nextMessage, noteCounted } from './sender-hours.js';

const MINUTE = 60_000;
const KEPT = 400 * 24 * HOUR;
/** A message may be committed so long after it was received: tries of its group, and clocks of copies that differ. */
const LATE = 10 * MINUTE;
/** Of a long history, what one transaction counts. */
const STEP = 3 * HOUR;
/** Hours of a week beside the one in hand. A prime: whatever the rounds' rhythm, none is left out for ever. */
const LOOKED_AT_AGAIN = 167;
/** A round may take one part in so many of the time. */
const SHARE = 50;

export interface SenderCountingOptions {
  readonly inTransaction: InTransaction;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs?: number;
}

/**
 * Counts `inbound` per sender and hour, every minute, in one copy at a time. Whatever can still change is counted anew: the
 * hour in hand as a whole, and in turn one closed hour of the last seven days, for messages that came again or left quarantine
 * since. So a crash costs nothing, and who receives messages does nothing for it.
 */
export class SenderCounting {
  readonly #loop: WakefulLoop;
  #failing = false;
  #restUntil = 0;

  constructor(private readonly options: SenderCountingOptions) {
    const { logger, everyMs = MINUTE } = options;
    this.#loop = new WakefulLoop({
      round: () => this.#paced(),
      pollMs: everyMs,
      longestBackoffMs: everyMs,
      onChange: (error) => {
        this.#failing = error !== null;
        if (error === null) logger.info('senders are counted again');
        else logger.error({ err: error }, 'senders could not be counted');
      },
    });
  }

  /** True while the figures stand still, because they could not be counted. */
  get failing(): boolean {
    return this.#failing;
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** One step; answers true when there is more to count. Nothing while another copy is at it. */
  round(): Promise<boolean> {
    const now = this.options.clock.now().getTime();
    return this.options.inTransaction(async (sql) => {
      if (!(await tryLock(sql, 'intake', 'senders'))) return false;
      if (await this.#count(sql, now)) return true;
      await forgetBefore(sql, now - KEPT);
      return learnRhythms(sql, now);
    });
  }

  /** Answers true when it did not come as far as now. */
  async #count(sql: Sql, now: number): Promise<boolean> {
    const counted = await countedAt(sql);
    const open = hourOf(counted === undefined ? now - KEPT : counted - LATE);
    const next = await nextMessage(sql, open);
    const from = Math.max(open, hourOf(next ?? now));
    const till = Math.min(from + STEP, hourOf(now) + HOUR);
    for (let hour = from; hour < till; hour += HOUR) await countHour(sql, hour);
    await noteCounted(sql, Math.min(now, till));
    if (till <= now) return true;
    const again = hourOf(now) - (1 + (Math.floor(now / MINUTE) % LOOKED_AT_AGAIN)) * HOUR;
    if (again < from) await countHour(sql, again);
    return false;
  }

  async #paced(): Promise<boolean> {
    const began = performance.now();
    if (began < this.#restUntil) return false;
    const more = await this.round();
    const ended = performance.now();
    if (!more) this.#restUntil = ended + (ended - began) * SHARE;
    return more;
  }
}
