/** Keys of rows that are there: the oldest are deleted first, and updates go round. */
export class KeyPool<Key> {
  #keys: Key[] = [];
  #oldest = 0;
  #turn = 0;

  get size(): number {
    return this.#keys.length - this.#oldest;
  }

  add(keys: readonly Key[]): void {
    for (const key of keys) this.#keys.push(key);
  }

  /** Removes them. */
  take(count: number): readonly Key[] {
    const taken = this.#keys.slice(this.#oldest, this.#oldest + count);
    this.#oldest += taken.length;
    if (this.#oldest > 10_000) {
      this.#keys = this.#keys.slice(this.#oldest);
      this.#oldest = 0;
    }
    return taken;
  }

  /** So many different ones, or all there are. */
  pick(count: number): readonly Key[] {
    const { size } = this;
    return Array.from({ length: Math.min(count, size) }, () => this.#keys[this.#oldest + (this.#turn++ % size)]!);
  }
}
