import type { EventOf } from '@throughline/contracts/flow';
import { identifierId } from '../domain/identity.js';
import type { Stamp } from '../domain/kept.js';
import type { Person } from '../domain/person.js';
import { restoreAlias, restoreDischarge, restoreEncounter, restoreLine, restorePatient, restorePlan, restoreReturn } from '../domain/restore.js';
import { restoreStatement, type StatementType } from '../domain/statement.js';
import type { IntakeTx } from './ports.js';

const stampOf = ({ id, time }: { readonly id: string; readonly time: string }): Stamp => ({ at: time, receivedAt: time, by: id });

const MESSAGES = 'the messages behind it: have their sender send them again';

const change = async (patientId: string, tx: IntakeTx, to: (person: Person) => Person): Promise<void> => {
  const before = await tx.person(patientId);
  tx.keep(before, to(before));
};

export const patientRestored = async (event: EventOf<'care.patient.recorded.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  const { patientId } = event.data;
  const before = await tx.person(patientId);
  const { person, identifiers } = restorePatient(before, event.data, stampOf(event));
  tx.keep(before, person);
  tx.learn(identifiers.map((one) => ({ id: identifierId(one), patientId, kind: one.kind, authority: one.authority, value: one.value })));
  return before.patient.version === 0 ? [MESSAGES, 'identifiers other than the record number'] : [MESSAGES];
};

export const encounterRestored = async (event: EventOf<'care.encounter.recorded.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(event.data.patientId, tx, (person) => restoreEncounter(person, event.data, stampOf(event)));
  return [MESSAGES];
};

export const dischargeRestored = async (event: EventOf<'care.discharge.recorded.v1'> | EventOf<'care.discharge.withdrawn.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(event.data.patientId, tx, (person) => restoreDischarge(person, event.data));
  return [MESSAGES];
};

export const encounterWithdrawalRestored = async (event: EventOf<'care.encounter.withdrawn.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(event.data.patientId, tx, (person) => restoreEncounter(person, { ...event.data, status: 'withdrawn' }, stampOf(event)));
  return [MESSAGES];
};

export const planRestored = async (event: EventOf<'care.discharge.planned.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(event.data.patientId, tx, (person) => restorePlan(person, event.data));
  return [MESSAGES];
};

export const aliasRestored = async (event: EventOf<'care.patients.merged.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  const { patientId, survivorId } = event.data;
  tx.nameAs(patientId, survivorId);
  await change(patientId, tx, (person) => restoreAlias(person, event.data, stampOf(event)));
  return [MESSAGES, 'the numbers of a record that no message spoke of itself'];
};

export const readmissionRestored = async ({ data }: EventOf<'care.patient.readmitted.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(data.patientId, tx, (person) => restoreReturn(person, { kind: 'readmission', data }));
  return [MESSAGES];
};

export const emergencyVisitRestored = async ({ data }: EventOf<'care.emergency.visited.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(data.patientId, tx, (person) => restoreReturn(person, { kind: 'emergencyVisit', data }));
  return [MESSAGES];
};

export const lineRestored = async (event: EventOf<'care.prescription.added.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  await change(event.data.patientId, tx, (person) => restoreLine(person, event.data, stampOf(event)));
  return [MESSAGES];
};

export const documentRestored = async ({ data: { version, ...published }, ...event }: EventOf<'care.document.received.v1'>, tx: IntakeTx): Promise<readonly string[]> => {
  const { documentId, patientId, source, encounterId: _stay, dischargeSummary: _summary, ...said } = published;
  const known = await tx.document(patientId, documentId);
  tx.keepDocument({ ...(known?.stay ? { stay: known.stay } : {}), documentId, patientId, source, said, stamp: stampOf(event), version, published });
  return [MESSAGES];
};

type StatementEvent = { readonly [T in StatementType]: EventOf<T> }[StatementType];

export const statementRestored = async (event: StatementEvent, tx: IntakeTx): Promise<readonly string[]> => {
  const known = await tx.statement(event.data.patientId, event.subject);
  tx.keepStatement(restoreStatement(known, event, stampOf(event)));
  return [MESSAGES];
};
