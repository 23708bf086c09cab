/** Waiting times after failures: doubled each time, up to a most; back to the first after a success. */
export class Backoff {
  #next: number;

  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
  ) {
    this.#next = firstMs;
  }

  next(): number {
    const ms = this.#next;
    this.#next = Math.min(ms * 2, this.mostMs);
    return ms;
  }

  reset(): void {
    this.#next = this.firstMs;
  }
}
