import type { Service } from '@throughline/contracts/define-event';
import type { Audit } from '../audit/audit.js';
import type { Sql } from '../persistence/sql.js';
import type { Transactions, Unit } from '../persistence/unit.js';
import { Answer } from './answer.js';
import type { CommandRequest } from './command-request.js';
import { claimShares, entriesOf, running, settleShares, storeCommands } from './command-shares.js';
import type { Commands, CommandTarget } from './commands.js';

export interface CommandTableParts<S extends Service, Tx> {
  readonly transactions: Transactions<S>;
  readonly tx: (unit: Unit<S>) => Tx;
  readonly audit: Audit;
  readonly now: () => Date;
}

/** The stored answer, if the command was answered before. */
const answered = async <Body>(sql: Sql, command: CommandRequest): Promise<Answer<Body> | undefined> => {
  const share = { command, target: { patientIds: [] } };
  const claimed = (await claimShares(sql, [share])).get(share)!;
  if ('refusal' in claimed) throw claimed.refusal;
  return 'answer' in claimed ? (claimed.answer as Answer<Body>) : undefined;
};

const complete = <Body>(command: CommandRequest, given: Body | Answer<Body>): Answer<Body> => {
  const plain = given instanceof Answer ? given : new Answer(given);
  return new Answer(plain.body, { ...plain.options, status: plain.options.status ?? command.status });
};

/** `Commands` over the table `command`: claim, work, answer and audit in one transaction. */
export const commandTable = <S extends Service, Tx>({ transactions, tx, audit, now }: CommandTableParts<S, Tx>): Commands<Tx> => {
  /**
   * Keys at work in this process. The transaction's own lock comes after the patients' streams, where a second try would
   * wait in a row instead of being told at once.
   */
  const atWork = new Set<string>();

  const alone = async <T>(command: CommandRequest, work: () => Promise<T>): Promise<T> => {
    if (command.key === undefined) return work();
    const name = JSON.stringify([command.actor.sub, command.key]);
    if (atWork.has(name)) throw running();
    atWork.add(name);
    try {
      return await work();
    } finally {
      atWork.delete(name);
    }
  };

  const settle = async <Body>(sql: Sql, command: CommandRequest, target: CommandTarget, work: () => Promise<Body | Answer<Body>>): Promise<Answer<Body>> => {
    const share = { command, target };
    const claimed = (await claimShares(sql, [share])).get(share)!;
    if ('refusal' in claimed) throw claimed.refusal;
    const answer = 'answer' in claimed ? (claimed.answer as Answer<Body>) : complete(command, await work());
    await settleShares(sql, audit, [{ share, answer }], now());
    return answer;
  };

  const inSteps = async <Body>(command: CommandRequest, targetOf: () => Promise<CommandTarget>, work: () => Promise<Body | Answer<Body>>): Promise<Answer<Body>> => {
    const step = <T>(take: (sql: Sql) => Promise<T>): Promise<T> => transactions.inPatients([], command.cause, (unit) => take(unit.sql));
    const before = await step(async (sql) => {
      const answer = await answered<Body>(sql, command);
      if (answer) await audit.write(sql, entriesOf(command, { patientIds: [] }, 'read'));
      return answer;
    });
    if (before) return before;
    const target = await targetOf();
    await step((sql) => audit.write(sql, entriesOf(command, target, 'change')));
    const answer = complete(command, await work());
    if (command.key === undefined) return answer;
    return step(async (sql) => {
      // Another copy of the service may have had the same command at the same time; its answer stands.
      const other = await answered<Body>(sql, command);
      if (!other) await storeCommands(sql, [{ share: { command, target }, answer }], now());
      return other ?? answer;
    });
  };

  const causeOf = (command: CommandRequest, target: CommandTarget) =>
    target.correlationId === undefined ? command.cause : { ...command.cause, correlationId: target.correlationId };

  return {
    run: async (command, target, work) => {
      const answer = await alone(command, () =>
        transactions.inPatients(target.patientIds, causeOf(command, target), (unit) => settle(unit.sql, command, target, () => work(tx(unit)))),
      );
      command.markAudited();
      return answer;
    },
    around: async (command, targetOf, work) => {
      const answer = await alone(command, () => inSteps(command, targetOf, work));
      command.markAudited();
      return answer;
    },
    shared: async (command, target, open) => {
      const answer = await alone(command, () => open({ command, target }));
      command.markAudited();
      return answer;
    },
    claim: claimShares,
    settle: (sql, answered) => settleShares(sql, audit, answered, now()),
  };
};
