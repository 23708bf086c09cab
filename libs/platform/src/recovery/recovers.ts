import type { ConsumedBy, EventOf, PublishedBy } from '@throughline/contracts/flow';
import type { Service } from '@throughline/contracts/define-event';

/**
 * One for each event that the service publishes: makes its rows say again what the event states, people's decisions included.
 * Publishes nothing. Answers what the fact had and no topic holds (`note`), as codes for the operator's list.
 */
export type Restores<S extends Service, Tx> = { readonly [T in PublishedBy<S>]: (event: EventOf<T>, tx: Tx) => Promise<readonly string[]> };

/** How a service that was put back to an older copy of its database gets to know again what it had said since. */
export interface Recovers<S extends Service, Tx> {
  readonly restores: Restores<S, Tx>;
  /**
   * Events of other services whose whole effect is in its own facts: one that it had acted on is not heard again while it catches
   * up, nor are older words on the same subject, which would take back what was restored. All others are heard again: rows are
   * made of them.
   */
  readonly passesOver: readonly ConsumedBy<S>[];
  /** Once all is known again: makes what depends on the whole person agree. Use-cases that do so by themselves leave it while `catchingUp`. */
  readonly settle?: (patientId: string, tx: Tx) => Promise<void>;
}
