import type { Person } from '../domain/person.js';
import { reconsider, summaryKnown, type SummaryChase } from '../domain/summary-chase.js';
import type { IntakeTx } from './ports.js';

const findable = (person: Person, encounterId: string): boolean =>
  [person.patient, ...person.others].some((one) => one.identifiers.length > 0) &&
  person.encounters.some((one) => one.encounterId === encounterId && one.visits.length + one.accounts.length > 0);

/** The person's searches as they stand by what is known now; kept where that changed. */
export const chasesNow = async (patientId: string, tx: IntakeTx): Promise<readonly SummaryChase[]> => {
  const { chase } = tx;
  const [person, documents, known] = await Promise.all([tx.person(patientId), chase.documents(patientId), chase.of(patientId)]);
  return person.discharges.flatMap(({ dischargeId, encounterId, published }) => {
    const before = known.find((one) => one.dischargeId === dischargeId);
    if (!published) return before ?? [];
    const facts = { discharge: published, summaryKnown: summaryKnown(documents, encounterId), findable: findable(person, encounterId) };
    const after = reconsider(before, facts, chase.ladder, chase.now);
    if (after && after !== before) chase.keep(after, before);
    return after ?? [];
  });
};

/** A discharge that is followed up came without its summary: from now on it is asked for. It came, or is not owed any more: no longer. */
export const chaseSummaries = async (tx: IntakeTx): Promise<void> => {
  if (tx.chase.ladder.length === 0) return;
  for (const patientId of tx.chase.touched) await chasesNow(patientId, tx);
};
