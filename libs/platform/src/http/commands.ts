import type { Sql } from '../persistence/sql.js';
import type { Answer } from './answer.js';
import type { CommandRequest } from './command-request.js';
import type { Problem } from './problem.js';

export interface CommandTarget {
  /** The patients whose facts the command changes: their streams are locked, each gets an audit row. May be empty with `runIn`. */
  readonly patientIds: readonly string[];
  /** What the command is about, for the audit row: the task's id. */
  readonly subject?: string;
  /** Defaults to the request's own. */
  readonly correlationId?: string;
}

/**
 * Runs HTTP writes once per (actor, Idempotency-Key): the answer is stored in the business transaction and given again for
 * the same body (30 days); another body is a 422, a command still running a 409.
 */
export interface Commands<Tx> {
  /**
   * One transaction over the patients' streams: command row, audit rows and whatever `work` stages commit together.
   * `work` returns the body, or an `Answer` with status and version. What it throws (Refused, Problem) leaves nothing.
   */
  run<Body>(command: CommandRequest, target: CommandTarget, work: (tx: Tx) => Promise<Body | Answer<Body>>): Promise<Answer<Body>>;
  /**
   * For work that makes transactions of its own, such as draining what is parked. What `targetOf` names is audited and
   * committed before the work, the answer is stored behind it. So a crash between leaves the audit row and no answer, and the
   * command sent again is done again: the work has to bear that.
   */
  around<Body>(command: CommandRequest, targetOf: () => Promise<CommandTarget>, work: () => Promise<Body | Answer<Body>>): Promise<Answer<Body>>;
  /**
   * The same among others, in a transaction that the caller opens (intake's group commit): there `claim` comes before the
   * work and `settle` behind it, and it has to commit before `open` resolves with the share's answer.
   */
  shared<Body>(command: CommandRequest, target: CommandTarget, open: (share: CommandShare) => Promise<Answer<Body>>): Promise<Answer<Body>>;
  /** Takes the keys of all shares, in one round trip. What is answered or refused here is not to be worked on. */
  claim(sql: Sql, shares: readonly CommandShare[]): Promise<ReadonlyMap<CommandShare, Claimed>>;
  /** Writes the command rows of what was worked on and the audit rows of all, in one round trip. */
  settle(sql: Sql, answered: readonly AnsweredShare[]): Promise<void>;
}

/** A command that shares its transaction with others. */
export interface CommandShare {
  readonly command: CommandRequest;
  readonly target: CommandTarget;
}

/** `answer`: given before, for the same body. `refusal`: still running, or the key was used for something else. */
export type Claimed = { readonly go: true } | { readonly answer: Answer<unknown> } | { readonly refusal: Problem };

export interface AnsweredShare {
  readonly share: CommandShare;
  readonly answer: Answer<unknown>;
}
