import type { Publishes } from '@throughline/contracts/flow';
import type { FollowUpRules } from '../domain/follow-up.js';
import type { ChaseTx } from './chase-ports.js';
import type { Person } from '../domain/person.js';
import type { DocumentState, SummaryKinds } from '../domain/document.js';
import type { StatementState } from '../domain/statement.js';
import type { KnownIdentifier, Resolution } from '../domain/identity.js';
import type { Outcome, Said, Source } from '../domain/said.js';

/** What came in, in whatever form, with what could be made of it. */
export interface Arrival {
  readonly protocol: 'hl7v2' | 'json' | 'fhir' | 'ccda' | 'cloudevents';
  /** As it came, to the byte. */
  readonly raw: Uint8Array;
  readonly sender: string;
  readonly controlId: string;
  /** `ADT^A03`, `discharge`, `prescription` */
  readonly trigger: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
  /** Where its receiving stands in a trace, if in one. */
  readonly traceparent?: string | undefined;
  /** Id of a message in quarantine that is read again: nobody sent it, so that is not counted. */
  readonly replayOf?: string;
  /** Readable: our words. Not readable: why not, and it goes to quarantine. */
  readonly content:
    | { readonly said: Said }
    | { readonly answer: 'AE' | 'AR'; readonly reasons: readonly { readonly code: number; readonly where?: string; readonly text: string }[] };
}

export interface Receipt {
  /** Also its correlation id: from (sender, control id, content). */
  readonly inboundId: string;
  readonly answer: 'AA' | 'AE' | 'AR';
  /** Accepted before: nothing new came of it. */
  readonly repeat: boolean;
}

/** Nothing of the message is on disk: the sender has to send it again. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
}

/**
 * Keeps messages. An answer means that the transaction is committed; many that arrive together share one.
 * `Command` and `Answer` are the adapters': a call that is kept once by its key, and what it was answered.
 */
export interface Receiver<Command = unknown, Answer = unknown> {
  /** @throws NotStored */
  receive(arrival: Arrival): Promise<Receipt>;
  /** The same, once per command: one that was answered before gets that answer. @throws NotStored, and what the command is refused with */
  receiveOnce(command: Command, arrival: Arrival, answerOf: (receipt: Receipt) => Answer): Promise<Answer>;
  /** The id that the arrival has or will have. */
  nameOf(arrival: Arrival): Pick<Receipt, 'inboundId'>;
}

/** A message as it is kept: nothing read of it but who sent it. */
export type Kept = Pick<Arrival, 'protocol' | 'raw' | 'receivedAt' | 'sender'>;
/** What a message in quarantine says by today's version and settings. */
export type ReadAgain = (kept: Kept) => Promise<Arrival>;
export const READ_AGAIN = Symbol('intake:read-again');

/** An accepted message, as the log hands it to the decision. */
export interface Accepted {
  readonly inboundId: string;
  readonly said: Said;
  /** The sender had used its control id before, for something else. */
  readonly controlIdReused: boolean;
}

/** Whom one pair of a merge message means. */
export interface ResolvedMerge {
  readonly into: Resolution;
  /** The others' records; none when the numbers are the same person's. */
  readonly retired: readonly Resolution[];
}

/** Whom a message means. */
export interface Resolved extends Resolution {
  /** Of a bundle: whom each of its parts means. */
  readonly parts?: readonly Resolved[];
  readonly merges?: readonly ResolvedMerge[];
  /** Whose record the stay was on. */
  readonly from?: Resolution;
}

/** What became of an accepted message; one row each, written with its effects. */
export interface OutcomeRecord {
  readonly inboundId: string;
  readonly sender: string;
  readonly patientId: string;
  /** Other patients whom the same message is about. */
  readonly others: readonly string[];
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly encounterId?: string;
  readonly dischargeId?: string;
  readonly dischargedAt?: string;
  readonly timeSource: Source;
  readonly flags: readonly string[];
}

/** What became of a message, or of one fact in it. */
export type Became = Pick<OutcomeRecord, 'outcome' | 'flags'> & Partial<Pick<OutcomeRecord, 'reason' | 'encounterId' | 'dischargeId' | 'dischargedAt' | 'timeSource'>>;

/** All that a decision can touch. */
export interface IntakeTx {
  readonly rules: FollowUpRules;
  readonly summaryKinds: SummaryKinds;
  /** The search for discharge summaries. */
  readonly chase: ChaseTx;
  /** The record and everything kept of the person it names. */
  person(patientId: string): Promise<Person>;
  /** From now on `patientId` goes by `survivorId`, or by itself again. */
  nameAs(patientId: string, survivorId: string): void;
  /** Stages what differs from `before`. */
  keep(before: Person, after: Person): void;
  document(patientId: string, documentId: string): Promise<DocumentState | undefined>;
  keepDocument(document: DocumentState): void;
  statement(patientId: string, statementId: string): Promise<StatementState | undefined>;
  keepStatement(statement: StatementState): void;
  /** Two records that are two persons', by a person's word. */
  keepApart(pair: { readonly firstId: string; readonly secondId: string; readonly actor: string; readonly reason: string }): void;
  learn(identifiers: readonly KnownIdentifier[]): void;
  record(outcome: OutcomeRecord): void;
  publish(...events: readonly Publishes<'intake'>[]): void;
}
