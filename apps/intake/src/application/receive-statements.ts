import { decide, type OfOnePerson } from '../domain/decide.js';
import { nextOf } from '../domain/person.js';
import type { SaidOnce } from '../domain/said.js';
import { hearStatement, statementEvent, statementFacts, statementId, type StatementSaid, type StatementState } from '../domain/statement.js';
import { learnAll } from './learn.js';
import type { Became, IntakeTx, Resolved } from './ports.js';

type StatementsMessage = SaidOnce & { what: 'statements' };
type Was = 'noted' | 'correction' | 'withdrawn' | 'repeat';

/** Of several in one message, what a person would call it: news before corrections, these before what was taken back. */
const ORDER: readonly Was[] = ['noted', 'correction', 'withdrawn', 'repeat'];

/** What a source states beside stays and medicines: tests, conditions, allergies, appointments, who pays. */
export const receiveStatements = async (said: StatementsMessage, by: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const { stay, statements, ...message } = said;
  const before = await tx.person(who.patientId);
  const { person, events, flags } = decide(before, { ...message, what: 'update' } satisfies OfOnePerson, by, tx.rules);
  tx.keep(before, person);
  learnAll(who, tx);
  tx.publish(...events);
  const stamp = { at: said.at, receivedAt: said.receivedAt, by };
  const records = [person.patient, ...person.others].map(({ patientId }) => patientId);

  const find = async (one: StatementSaid): Promise<{ id: string; patientId: string; known?: StatementState }> => {
    for (const patientId of records) {
      const id = statementId(patientId, said.sender, one, by);
      const known = await tx.statement(patientId, id);
      if (known) return { id, patientId: known.patientId, known };
    }
    return { id: statementId(records[0]!, said.sender, one, by), patientId: records[0]! };
  };

  const receive = async (one: StatementSaid): Promise<Was> => {
    const { id, patientId, known } = await find(one);
    const heard = hearStatement(known, { statementId: id, patientId, version: 0, source: said.sender, stay: one.stay ?? stay, said: one, stamp });
    const published = statementFacts(heard, person);
    const data = nextOf(heard, published);
    if (!data) return 'repeat';
    tx.publish(statementEvent(heard.said.kind, data));
    tx.keepStatement({ ...heard, version: data.version, published });
    return published.withdrawn ? 'withdrawn' : known ? 'correction' : 'noted';
  };

  const were: Was[] = [];
  for (const one of statements) were.push(await receive(one));
  return { outcome: ORDER.find((was) => were.includes(was)) ?? 'noted', flags, ...(statements.length === 0 ? { reason: 'nothing-taken' } : {}) };
};
