import type { EventOf } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { dropAppointment, recordBooking, recordReconciliation, recordSummary, type Evidence } from '../domain/facts.js';
import { replaced, type Person } from '../domain/person.js';
import type { HistoryEntry, Tx } from './ports.js';
import { settlePerson } from './settle-person.js';

type Told = EventOf<'care.reconciliation.opened.v1'> | EventOf<'care.reconciliation.completed.v1'> | EventOf<'care.reconciliation.withdrawn.v1'> | FollowUp;
type FollowUp = EventOf<'care.follow-up.requested.v1'> | EventOf<'care.follow-up.booked.v1'> | EventOf<'care.follow-up.withdrawn.v1'>;

/** The medicines were compared and a person attested it. Heard before its discharge, it is kept and clears the task at its birth. */
export const reconciliationCompleted = async (event: EventOf<'care.reconciliation.completed.v1'>, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  const evidence = recordReconciliation(find(person, 'reconciliation-completed', event.data.dischargeId), event);
  tell(event, tx, { label: 'Medicines reconciled', at: evidence.at, by: evidence.by });
  keep(person, evidence, tx);
};

export const followUpBooked = async (event: EventOf<'care.follow-up.booked.v1'>, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  const { appointment } = event.data;
  tell(event, tx, { label: 'Follow-up visit booked', ...(appointment ? { detail: `${appointment.mode} on ${appointment.at}` } : {}) });
  keep(person, recordBooking(find(person, 'follow-up-booked', event.data.dischargeId), event), tx);
};

/** A visit has to be found, again or for the first time, or not any more: an appointment there was is gone. */
export const followUpUnbooked = async (event: EventOf<'care.follow-up.requested.v1'> | EventOf<'care.follow-up.withdrawn.v1'>, tx: Tx): Promise<void> => {
  const person = await tx.person(event.data.patientId);
  tell(event, tx, { label: event.type === 'care.follow-up.requested.v1' ? 'Follow-up visit asked for' : 'Follow-up visit withdrawn' });
  const known = find(person, 'follow-up-booked', event.data.dischargeId);
  if (known?.appointmentAt) keep(person, dropAppointment(known), tx);
};

export const reconciliationNoted = (event: EventOf<'care.reconciliation.opened.v1'> | EventOf<'care.reconciliation.withdrawn.v1'>, tx: Tx): void =>
  tell(event, tx, { label: event.type === 'care.reconciliation.opened.v1' ? 'Medicines wait to be reconciled' : 'Reconciliation withdrawn' });

/** A document came. The summary of a discharge stops the clock of the task that waits for it; any other is told of. */
export const documentReceived = async (event: EventOf<'care.document.received.v1'>, tx: Tx): Promise<void> => {
  const { data } = event;
  const person = await tx.person(data.patientId);
  const what = data.dischargeSummary ? 'Discharge summary' : 'Document';
  tx.tell({
    id: idOf('history', event.id), patientId: data.patientId, at: event.time, kind: data.withdrawn ? 'document.withdrawn' : 'document.received',
    label: `${what} ${data.withdrawn ? 'taken back' : data.withContent ? 'received' : 'announced'}`, detail: [data.source, data.kind.code].filter(Boolean).join(', '),
  });
  const evidence = recordSummary(event);
  if (!evidence || person.evidence.some(({ kind, encounterId }) => kind === 'summary-received' && encounterId === evidence.encounterId)) return;
  tx.keepEvidence(evidence);
  settlePerson({ ...person, evidence: [...person.evidence, evidence] }, tx);
};

const find = (person: Person, kind: Evidence['kind'], dischargeId: string): Evidence | undefined =>
  person.evidence.find((evidence) => evidence.kind === kind && evidence.dischargeId === dischargeId);

const keep = (person: Person, evidence: Evidence, tx: Tx): void => {
  tx.keepEvidence(evidence);
  settlePerson({ ...person, evidence: replaced(person.evidence, evidence, (other) => other.kind === evidence.kind && other.dischargeId === evidence.dischargeId) }, tx);
};

const tell = (event: Told, tx: Tx, entry: Pick<HistoryEntry, 'label'> & Partial<HistoryEntry>): void =>
  tx.tell({ id: idOf('history', event.id), patientId: event.data.patientId, at: event.time, kind: event.type.slice('care.'.length, -'.v1'.length), ...entry });
