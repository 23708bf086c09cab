import { IDENTIFIER_KINDS, type Identifier, type StayNumber } from '../domain/said.js';
import type { Person } from '../domain/person.js';
import type { EncounterState } from '../domain/stay.js';
import { isDue, settleQuery, takeRung, type QueryResult, type SummaryChase } from '../domain/summary-chase.js';
import type { SummaryWanted } from '../domain/summary-fit.js';
import type { DueChase } from './chase-ports.js';
import { chasesNow } from './chase-summaries.js';
import type { IntakeTx } from './ports.js';

/** A query to be made now. */
export interface SummaryQuery extends DueChase {
  /** Which one it is. */
  readonly n: number;
  readonly wanted: SummaryWanted;
}

const numberOf = (kept: string): StayNumber => {
  const [authority = '', value = ''] = kept.split('\u001f');
  return { value, ...(authority === '' ? {} : { authority }) };
};

const bestKind = (identifiers: readonly Identifier[]): readonly Identifier[] => {
  const kind = IDENTIFIER_KINDS.find((one) => identifiers.some((identifier) => identifier.kind === one));
  return identifiers.filter((one) => one.kind === kind);
};

const wantedOf = ({ patient, others, discharges }: Person, stay: EncounterState, { dischargeId }: SummaryChase): SummaryWanted | undefined => {
  const identifiers = bestKind([patient, ...others].flatMap((one) => one.identifiers));
  const facts = discharges.find((one) => one.dischargeId === dischargeId)?.published;
  if (!facts || identifiers.length === 0) return undefined;
  return {
    identifiers, visits: stay.visits.map(numberOf), accounts: stay.accounts.map(numberOf),
    admittedAt: facts.admittedAt, dischargedAt: facts.dischargedAt, facility: facts.facility, zone: facts.facilityZone,
  };
};

const findChase = async ({ chaseId, patientId }: DueChase, tx: IntakeTx): Promise<SummaryChase | undefined> =>
  (await chasesNow(patientId, tx)).find((one) => one.chaseId === chaseId);

/** The alarm of a rung: wakes who asks. */
export const wakeChase = async (due: DueChase, tx: IntakeTx): Promise<void> => {
  const chase = await findChase(due, tx);
  if (chase && isDue(chase, tx.chase.now)) tx.chase.wake();
};

/** First half of a query: its rung is taken, and on record as a disclosure, once this commits. Nothing, when there is nothing to ask. */
export const beginQuery = async (due: DueChase, tx: IntakeTx): Promise<SummaryQuery | undefined> => {
  const known = await findChase(due, tx);
  const taken = known && takeRung(known, tx.chase.ladder, tx.chase.now);
  if (!taken || taken === known) return undefined;
  const person = await tx.person(due.patientId);
  const stay = person.encounters.find((one) => one.encounterId === taken.encounterId);
  const wanted = stay && wantedOf(person, stay, taken);
  tx.chase.keep(taken, known);
  if (taken.status !== 'waiting' || !wanted) return undefined;
  tx.chase.disclose(taken);
  return { ...due, n: taken.queries, wanted };
};

/** Second half: what the source said. */
export const endQuery = async ({ n, ...due }: SummaryQuery, result: QueryResult, tx: IntakeTx): Promise<void> => {
  const known = (await tx.chase.of(due.patientId)).find((one) => one.chaseId === due.chaseId);
  const settled = known && settleQuery(known, n, result);
  if (settled && settled !== known) tx.chase.keep(settled, known);
};
