import { nextOf } from '../domain/person.js';
import type { SaidOnce } from '../domain/said.js';
import { hearStatement, statementEvent, statementFacts, statementId, type StatementSaid } from '../domain/statement.js';
import type { Became, IntakeTx, Resolved } from './ports.js';
import { underAnyRecord, updatePerson } from './said-beside.js';

type StatementsMessage = SaidOnce & { what: 'statements' };
type Was = 'noted' | 'correction' | 'withdrawn' | 'repeat';

/** Of several in one message, what a person would call it: news before corrections, these before what was taken back. */
const ORDER: readonly Was[] = ['noted', 'correction', 'withdrawn', 'repeat'];

/** What a source states beside stays and medicines: tests, conditions, allergies, appointments, who pays. */
export const receiveStatements = async (said: StatementsMessage, by: string, who: Resolved, tx: IntakeTx): Promise<Became> => {
  const { stay, statements, ...message } = said;
  const { person, flags } = await updatePerson({ ...message, what: 'update' }, by, who, tx);
  const stamp = { at: said.at, receivedAt: said.receivedAt, by };

  const receive = async (one: StatementSaid): Promise<Was> => {
    const { id, patientId, known } = await underAnyRecord(person, (of) => statementId(of, said.sender, one, by), (of, named) => tx.statement(of, named));
    const heard = hearStatement(known, { statementId: id, patientId, version: 0, source: said.sender, stay: one.stay ?? stay, said: one, stamp });
    const published = statementFacts(heard, person);
    const data = nextOf(heard, published);
    // Said again later, it holds from then on: an older word that comes after it changes nothing.
    if (data || heard.stamp !== known?.stamp) tx.keepStatement({ ...heard, version: data?.version ?? heard.version, published });
    if (!data) return 'repeat';
    tx.publish(statementEvent(heard.said.kind, data));
    return published.withdrawn ? 'withdrawn' : known ? 'correction' : 'noted';
  };

  const were: Was[] = [];
  for (const one of statements) were.push(await receive(one));
  return { outcome: ORDER.find((was) => were.includes(was)) ?? 'noted', flags, ...(statements.length === 0 ? { reason: 'nothing-taken' } : {}) };
};
