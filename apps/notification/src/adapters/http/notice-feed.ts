import type { NumberedNotice, Reads } from '../../application/ports.js';

const KEPT = 1_000;
const BATCH = 500;
/** Notices that another copy of the service wrote ring no bell here. */
const POLL_MS = 200;

/**
 * The tail of the numbered stream, read once for all connections and only while there are any. Numbers become visible in
 * order, so "greater than the last I saw" misses none.
 */
export class NoticeFeed {
  #recent: NumberedNotice[] = [];
  /** Memory holds every notice with a greater number, up to `#last`. */
  #floor = 0;
  #last = 0;
  #followers = 0;
  #reading: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(
    private readonly reads: Pick<Reads, 'noticesAfter' | 'lastNumber'>,
    private readonly failed: (error: unknown) => void,
  ) {}

  /** `last` is the newest number in the table now. Call `leave` to stop following. */
  async follow(): Promise<{ readonly last: number; readonly leave: () => void }> {
    if (this.#followers++ === 0) this.#timer = setInterval(() => this.ring(), POLL_MS);
    let following = true;
    const leave = (): void => {
      if (!following) return;
      following = false;
      if (--this.#followers === 0) clearInterval(this.#timer);
    };
    try {
      const last = await this.reads.lastNumber();
      if (this.#followers === 1 && !this.#reading && last !== this.#last) {
        // Nobody was following: what happened meanwhile is not in memory, who needs it reads it from the table.
        this.#recent = [];
        this.#floor = this.#last = last;
      } else this.ring();
      return { last, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  ring(): void {
    if (this.#followers === 0) return;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = this.#read()
      .catch((error: unknown) => this.failed(error))
      .finally(() => {
        this.#reading = undefined;
        if (this.#again) {
          this.#again = false;
          this.ring();
        }
      });
  }

  /** The next notices with a greater number; empty when there is none yet. */
  async after(number: number, limit: number): Promise<readonly NumberedNotice[]> {
    if (number >= this.#last) return [];
    if (number < this.#floor) return this.reads.noticesAfter(number, limit);
    const from = this.#recent.findIndex((notice) => notice.number > number);
    return from < 0 ? [] : this.#recent.slice(from, from + limit);
  }

  /** Resolves once there is something after this number. */
  async changedAfter(number: number): Promise<void> {
    while (number >= this.#last) await this.#changed.promise;
  }

  async #read(): Promise<void> {
    for (;;) {
      const rows = await this.reads.noticesAfter(this.#last, BATCH);
      if (rows.length === 0) return;
      this.#recent.push(...rows);
      this.#last = rows.at(-1)!.number;
      if (this.#recent.length > KEPT) {
        const dropped = this.#recent.splice(0, this.#recent.length - KEPT);
        this.#floor = dropped.at(-1)!.number;
      }
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
      if (rows.length < BATCH) return;
    }
  }
}
