import type { Clock } from '@throughline/kernel/clock';

/** A clock that stands still until the test moves it. */
export class FixedClock implements Clock {
  #ms: number;

  /** @param instant ISO 8601 with `Z` or an offset */
  constructor(instant: string) {
    this.#ms = Date.parse(instant);
    if (Number.isNaN(this.#ms)) throw new Error(`Not an instant: ${instant}`);
  }

  now(): Date {
    return new Date(this.#ms);
  }

  advance(ms: number): void {
    this.set(new Date(this.#ms + ms));
  }

  /** Time does not run backwards: a test that tries has a fault. */
  set(to: Date): void {
    if (to.getTime() < this.#ms) throw new Error(`The clock stands at ${this.now().toISOString()} and cannot go back to ${to.toISOString()}`);
    this.#ms = to.getTime();
  }
}

export const fixedClock = (instant: string): FixedClock => new FixedClock(instant);
