/**
 * An expected "no" with a reason from a closed list. Over HTTP it is a 409 or 422; in an event handler it is a counted
 * outcome. It is never retried and never parked: asking again gives the same answer.
 */
export class Refused<Reason extends string = string> extends Error {
  override readonly name = 'Refused';
  constructor(
    readonly reason: Reason,
    /** One sentence for a person: what was wrong and what to do. No patient data. */
    readonly remedy: string,
    readonly field?: string,
  ) {
    super(`${reason}: ${remedy}`);
  }
}
