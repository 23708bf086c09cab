import { stateOf, type Rhythm, type SenderState } from '../domain/sender-rhythm.js';

/** New messages by how they stand answered, and how often messages of that time came again. */
export interface SenderCounts {
  readonly AA: number;
  readonly AE: number;
  readonly AR: number;
  readonly repeats: number;
}

/** A sender as it is counted. Repeats are no sign of life: who sends the same again and again delivers nothing. */
export interface SenderSeen {
  readonly sender: string;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly rhythm: Rhythm;
  readonly today: SenderCounts;
  readonly week: SenderCounts;
  readonly quarantined: number;
}

/** A sender as it is watched. */
export interface SenderWatched extends Pick<SenderSeen, 'sender' | 'lastAt' | 'rhythm'> {
  /** Of the last 24 hours. */
  readonly messages: Pick<SenderCounts, 'AA' | 'AE' | 'AR'>;
}

export interface Counted<Item> {
  /** Up to when; null while nothing is counted yet. What came later is no one's silence. */
  readonly at: Date | null;
  readonly senders: readonly Item[];
}

export interface SenderReads {
  /** By name, those after `after`; today begins at midnight in `zone`. */
  list(after: string | undefined, limit: number, zone: string): Promise<Counted<SenderSeen>>;
  /** Those with a rhythm, and those named, as long as something came of them in four weeks; at most `limit`, those that are known longest. */
  watched(named: readonly string[], limit: number): Promise<Counted<SenderWatched>>;
}

export const SENDER_READS = Symbol('intake:sender-reads');

/** What the installation wants of it. */
export interface SenderRules {
  /** Nobody is told of a shorter silence. */
  readonly minimumMs: number;
  readonly zone: string;
}

export const SENDER_RULES = Symbol('intake:sender-rules');

/** As of the moment up to which is counted, so that a count that stands still makes nobody silent. */
export const senderState = ({ rhythm, lastAt }: Pick<SenderSeen, 'rhythm' | 'lastAt'>, at: Date, { minimumMs }: SenderRules): SenderState =>
  stateOf(rhythm, lastAt.getTime(), at.getTime(), minimumMs);
