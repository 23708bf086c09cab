import type { Answer } from '@throughline/platform/http/answer';
import type { AnsweredShare, Commands, CommandShare } from '@throughline/platform/http/commands';
import { allOf, type PgSql } from '@throughline/platform/persistence/database';
import type { DataSource } from 'typeorm';
import type { Arrival, Receipt, Receiver } from '../../application/ports.js';
import { GroupCommit, type Outcomes, type Share } from './group-commit.js';
import { appendToLog, filed, store } from './inbound-store.js';

interface Part extends Share {
  readonly arrival: Arrival;
  /** The HTTP call that brought it, if one did. */
  readonly call?: { readonly share: CommandShare; readonly answerOf: (receipt: Receipt) => Answer<unknown> };
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

export class PostgresReceiver implements Receiver<CommandShare, Answer<unknown>> {
  readonly #group: GroupCommit<Part>;

  /** @param committed called after each commit: rings the bell of whoever reads the log */
  constructor(
    dataSource: DataSource,
    private readonly commands: Pick<Commands<never>, 'claim' | 'settle'>,
    committed: (shares: number) => void,
  ) {
    this.#group = new GroupCommit(dataSource, (sql, parts) => this.#run(sql, parts), committed);
  }

  receive(arrival: Arrival): Promise<Receipt> {
    return this.#join<Receipt>({ arrival });
  }

  receiveOnce(share: CommandShare, arrival: Arrival, answerOf: (receipt: Receipt) => Answer<unknown>): Promise<Answer<unknown>> {
    return this.#join<Answer<unknown>>({ arrival, call: { share, answerOf } });
  }

  nameOf(arrival: Arrival): Pick<Receipt, 'inboundId'> {
    return { inboundId: filed(arrival).id };
  }

  /** Resolves when everything handed in is answered. */
  idle(): Promise<void> {
    return this.#group.idle();
  }

  #join<T>(what: Pick<Part, 'arrival' | 'call'>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#group.join({
        ...what,
        bytes: what.arrival.raw.byteLength,
        settle: (result) => ('value' in result ? resolve(result.value as T) : reject(result.error instanceof Error ? result.error : new Error(String(result.error)))),
      });
    });
  }

  /**
   * Five round trips, whatever the number of parts: begin; take the commands' keys; store; command rows, audit rows and log
   * together; commit. A command is refused before anything is written, and so costs nobody else anything.
   */
  async #run(sql: PgSql, parts: readonly Part[]): Promise<Outcomes<Part>> {
    const outcomes = new Map<Part, Outcome>();
    const answered: AnsweredShare[] = [];
    const claimed = await this.commands.claim(sql, parts.flatMap((part) => part.call?.share ?? []));
    const fresh = parts.filter((part) => {
      const claim = part.call && claimed.get(part.call.share);
      if (claim === undefined || 'go' in claim) return true;
      if ('refusal' in claim) outcomes.set(part, { error: claim.refusal });
      else {
        outcomes.set(part, { value: claim.answer });
        answered.push({ share: part.call!.share, answer: claim.answer });
      }
      return false;
    });
    const { receipts, accepted } = await store(sql, fresh.map((part) => part.arrival));
    for (const [index, part] of fresh.entries()) {
      const receipt = receipts[index]!;
      const answer = part.call?.answerOf(receipt);
      outcomes.set(part, { value: answer ?? receipt });
      if (answer) answered.push({ share: part.call!.share, answer });
    }
    await allOf([this.commands.settle(sql, answered), appendToLog(sql, accepted)]);
    return outcomes;
  }
}
