import type { Publishes } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { AuditRow } from '@throughline/platform/persistence/audit.row';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { IntakeTx, OutcomeRecord } from '../../application/ports.js';
import type { FollowUpRules } from '../../domain/follow-up.js';
import type { KnownIdentifier } from '../../domain/identity.js';
import { newPatient, type PatientState } from '../../domain/patient.js';
import type { Person } from '../../domain/person.js';
import type { StatementState } from '../../domain/statement.js';
import type { DocumentState, SummaryKinds } from '../../domain/document.js';
import { NOT_CHASING, PostgresChaseTx, type Chasing } from './chase-tx.js';
import { DischargeRow } from './discharge.row.js';
import { DocumentRow } from './document.row.js';
import { EncounterRow } from './encounter.row.js';
import { IdentifierRow } from './identifier.row.js';
import { InboundOutcomeRow } from './inbound-outcome.row.js';
import { PatientRow } from './patient.row.js';
import { PrescriptionRow } from './prescription.row.js';
import { StatementRow } from './statement.row.js';
import { TwoPersonsRow } from './two-persons.row.js';

const row = <Row extends object>(entity: new () => Row, values: Row): Row => Object.assign(new entity(), values);

const searchName = (patient: PatientState): string => {
  const name = patient.name?.value;
  return name ? `${name.family} ${name.given}`.trim().toLowerCase().slice(0, 400) : '';
};

/** Rows are read for the whole batch at once; what a decision leaves as it was is not written. */
export class PostgresIntakeTx implements IntakeTx {
  readonly chase: PostgresChaseTx;

  constructor(
    private readonly unit: Unit<'intake'>,
    readonly rules: FollowUpRules,
    readonly summaryKinds: SummaryKinds,
    chasing: Chasing = NOT_CHASING,
  ) {
    this.chase = new PostgresChaseTx(unit, chasing);
  }

  async person(patientId: string): Promise<Person> {
    // Asked for together: where the batch has not read them yet, that is one round trip.
    const [patients, encounters, discharges, lines] = await Promise.all([
      this.unit.rows(PatientRow).of(patientId),
      this.unit.rows(EncounterRow).of(patientId),
      this.unit.rows(DischargeRow).of(patientId),
      this.unit.rows(PrescriptionRow).of(patientId),
    ]);
    return {
      patient: patients.find((one) => one.patientId === patientId)?.body ?? newPatient(patientId),
      others: patients.filter((one) => one.patientId !== patientId).map((one) => one.body),
      encounters: encounters.map((one) => one.body),
      discharges: discharges.map((one) => one.body),
      lines: lines.map((one) => one.body),
    };
  }

  keep(before: Person, after: Person): void {
    for (const one of [after.patient, ...after.others])
      if (one !== before.patient && !before.others.includes(one))
        this.unit.rows(PatientRow).put(row(PatientRow, { id: one.patientId, patientId: one.patientId, version: one.version, searchName: searchName(one), body: one }));
    for (const one of after.encounters)
      if (!before.encounters.includes(one))
        this.unit.rows(EncounterRow).put(row(EncounterRow, { id: one.encounterId, patientId: one.patientId, version: one.version, body: one }));
    for (const one of after.discharges)
      if (!before.discharges.includes(one))
        this.unit.rows(DischargeRow).put(row(DischargeRow, { id: one.dischargeId, patientId: one.patientId, version: one.version, body: one }));
    for (const one of after.lines)
      if (!before.lines.includes(one))
        this.unit.rows(PrescriptionRow).put(row(PrescriptionRow, { id: one.lineId, patientId: one.patientId, version: one.version, body: one }));
  }

  async document(patientId: string, documentId: string): Promise<DocumentState | undefined> {
    return (await this.unit.rows(DocumentRow).get(patientId, documentId))?.body;
  }

  keepDocument(one: DocumentState): void {
    this.unit.rows(DocumentRow).put(row(DocumentRow, { id: one.documentId, patientId: one.patientId, version: one.version, body: one }));
  }

  async statement(patientId: string, statementId: string): Promise<StatementState | undefined> {
    return (await this.unit.rows(StatementRow).get(patientId, statementId))?.body;
  }

  keepStatement(one: StatementState): void {
    this.unit.rows(StatementRow).put(row(StatementRow, { id: one.statementId, patientId: one.patientId, version: one.version, body: one }));
  }

  nameAs(patientId: string, survivorId: string): void {
    this.unit.nameAs(patientId, survivorId);
  }

  keepApart(pair: { readonly firstId: string; readonly secondId: string; readonly actor: string; readonly reason: string }): void {
    this.unit.append(TwoPersonsRow, row(TwoPersonsRow, { id: idOf('two-persons', pair.firstId, pair.secondId), ...pair, at: this.unit.now }));
  }

  learn(identifiers: readonly KnownIdentifier[]): void {
    for (const one of identifiers) this.unit.rows(IdentifierRow).put(row(IdentifierRow, { ...one }));
  }

  record(outcome: OutcomeRecord): void {
    this.unit.append(
      InboundOutcomeRow,
      row(InboundOutcomeRow, {
        id: outcome.inboundId,
        patientId: outcome.patientId,
        at: this.unit.now,
        outcome: outcome.outcome,
        reason: outcome.reason ?? null,
        encounterId: outcome.encounterId ?? null,
        dischargeId: outcome.dischargeId ?? null,
        dischargedAt: outcome.dischargedAt === undefined ? null : new Date(outcome.dischargedAt),
        timeSource: outcome.timeSource,
        flags: outcome.flags,
      }),
    );
    // A message changes a patient's data as much as a person does: its sender is on record for it, with everybody whom it is about.
    for (const patientId of [outcome.patientId, ...outcome.others]) this.#onRecord(outcome, patientId);
  }

  #onRecord({ inboundId, sender, patientId: first }: OutcomeRecord, patientId: string): void {
    this.unit.append(
      AuditRow,
      row(AuditRow, {
        id: idOf('audit', 'inbound', inboundId, ...(patientId === first ? [] : [patientId])),
        at: this.unit.now,
        actor: `sender:${sender}`,
        roles: ['sender'],
        action: 'change',
        resource: 'inbound',
        patientId,
        subject: inboundId,
        outcome: 'allowed',
        correlationId: inboundId,
      }),
    );
  }

  publish(...events: readonly Publishes<'intake'>[]): void {
    this.unit.publish(...events);
    this.chase.hear(events);
  }
}
