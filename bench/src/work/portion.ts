/**
 * Whole things out of a rate that is not whole: after `done` discharges as many have been handed out as the rate says,
 * rounded. What is left over is kept, so nothing drifts, and everybody who knows the rate knows the number.
 */
export class Portion {
  #given = 0;

  constructor(private readonly perDischarge: number) {}

  /** How many are due now. */
  upTo(done: number): number {
    const due = Math.max(0, wholeOf(this.perDischarge, done) - this.#given);
    this.#given += due;
    return due;
  }
}

/** How many `done` discharges bring. */
export const wholeOf = (perDischarge: number, done: number): number => Math.round(perDischarge * done);
