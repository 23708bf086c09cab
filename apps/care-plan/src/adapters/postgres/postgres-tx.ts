import type { DataOf, Publishes } from '@throughline/contracts/flow';
import { instantOf } from '@throughline/kernel/business-time';
import { idOf } from '@throughline/kernel/ids';
import { namesPatients } from '@throughline/platform/patients/patient-keeper';
import type { Unit } from '@throughline/platform/persistence/unit';
import type { KeptRow } from '@throughline/platform/persistence/kept.row';
import type { EntityClass } from '@throughline/platform/persistence/sql';
import type { HistoryEntry, Tx } from '../../application/ports.js';
import type { Episode } from '../../domain/episode.js';
import type { Contact, Discharge, Encounter, Evidence, Work } from '../../domain/facts.js';
import type { Person } from '../../domain/person.js';
import type { Referral } from '../../domain/referral.js';
import type { Reference } from '../../domain/settle.js';
import type { Task } from '../../domain/task.js';
import { ContactRow } from './contact.row.js';
import { DischargeRow } from './discharge.row.js';
import { EncounterRow } from './encounter.row.js';
import { EpisodeRow } from './episode.row.js';
import { EvidenceRow } from './evidence.row.js';
import { HistoryRow } from './history.row.js';
import { PatientRow, searchKey } from './patient.row.js';
import { ReferralRow } from './referral.row.js';
import { TaskRow } from './task.row.js';

const rowOf = <Row extends object>(entity: new () => Row, values: Row): Row => Object.assign(new entity(), values);

export class PostgresTx implements Tx {
  readonly now: string;
  #place = 0;

  constructor(
    private readonly unit: Unit<'care-plan'>,
    readonly reference: Reference,
    readonly hoursSnoozedWhenLate: number,
  ) {
    this.now = unit.now.toISOString();
  }

  get actor(): string {
    return this.unit.cause.actor;
  }

  get catchingUp(): boolean {
    return this.unit.catchingUp;
  }

  get causationId(): string {
    return this.unit.cause.causationId;
  }

  async person(patientId: string): Promise<Person> {
    const bodies = async <Value>(entity: EntityClass<KeptRow<Value>>) => (await this.unit.rows(entity).of(patientId)).map((row) => row.body);
    // Asked for together: where the batch has not read them yet, that is one round trip.
    const [episodes, tasks, discharges, referrals, encounters, evidence, contacts, patients] = await Promise.all([
      bodies(EpisodeRow),
      this.unit.rows(TaskRow).of(patientId),
      bodies(DischargeRow),
      bodies(ReferralRow),
      bodies(EncounterRow),
      bodies(EvidenceRow),
      bodies(ContactRow),
      bodies(PatientRow),
    ]);
    return {
      deceased: patients.filter(({ deceased }) => deceased).map((patient) => patient.patientId),
      discharges,
      referrals,
      encounters,
      evidence,
      contacts,
      work: new Map(tasks.map((row) => [row.id, row.work])),
      risk: new Map(episodes.map((episode) => [episode.episodeId, episode.risk])),
      episodes,
      tasks: tasks.map((row) => row.body),
    };
  }

  async hasDied(patientId: string): Promise<boolean> {
    return (await this.unit.rows(PatientRow).get(patientId, patientId))?.body.deceased ?? false;
  }

  keepPatient(body: DataOf<'care.patient.recorded.v1'>): void {
    const { patientId, name, recordNumber } = body;
    const keys = { familyKey: searchKey(name.family), givenKey: searchKey(name.given), recordKey: recordNumber ? searchKey(recordNumber.value) : null };
    this.unit.rows(PatientRow).put(rowOf(PatientRow, { id: patientId, patientId, ...keys, body }));
  }

  nameAs(patientId: string, survivorId: string): readonly string[] {
    return namesPatients(this.unit)(patientId, survivorId);
  }

  keepDischarge(body: Discharge): void {
    this.unit.rows(DischargeRow).put(rowOf(DischargeRow, { id: body.dischargeId, patientId: body.patientId, body }));
  }

  keepReferral(body: Referral): void {
    this.unit.rows(ReferralRow).put(rowOf(ReferralRow, { id: body.referralId, patientId: body.patientId, body }));
  }

  keepEncounter(body: Encounter): void {
    this.unit.rows(EncounterRow).put(rowOf(EncounterRow, { id: body.encounterId, patientId: body.patientId, body }));
  }

  keepEvidence(body: Evidence): void {
    this.unit.rows(EvidenceRow).put(rowOf(EvidenceRow, { id: idOf('evidence', body.kind, body.dischargeId ?? body.encounterId ?? ''), patientId: body.patientId, body }));
  }

  keepContact(body: Contact): void {
    this.unit.rows(ContactRow).put(rowOf(ContactRow, { id: body.contactId, patientId: body.patientId, body }));
  }

  keepEpisode(body: Episode): void {
    const { episodeId: id, patientId, dischargeId = null, referralId = null, status, protocol, openedAt, correlationId, version } = body;
    const columns = { id, patientId, dischargeId, referralId, status, protocolId: protocol.id, protocolVersion: protocol.version, openedAt: new Date(openedAt), correlationId, version };
    this.unit.rows(EpisodeRow).put(rowOf(EpisodeRow, { ...columns, body }));
  }

  keepTask(body: Task, work: Work): void {
    const { taskId: id, patientId, episodeId, dischargeId = null, referralId = null, stepId, status, team, correlationId, version } = body;
    const wake = { wakeJob: body.wake?.job ?? null, nextWakeAt: body.wake ? new Date(body.wake.at) : null };
    const snoozedUntil = body.snoozed ? new Date(body.snoozed.until) : null;
    const times = { openedAt: new Date(body.openedAt), dueAt: new Date(body.dueAt), snoozedUntil, ...wake };
    this.unit
      .rows(TaskRow)
      .put(rowOf(TaskRow, { id, patientId, episodeId, dischargeId, referralId, stepId, status, team, assignee: body.assignee ?? null, ...times, correlationId, version, body, work }));
  }

  tell({ id, patientId, at, kind, label, by, detail, episodeId, taskId }: HistoryEntry): void {
    const place = this.#place++;
    const optional = { actor: by ?? null, detail: detail ?? null, episodeId: episodeId ?? null, taskId: taskId ?? null };
    this.unit.append(HistoryRow, rowOf(HistoryRow, { id, patientId, at: new Date(instantOf(at)), place, kind, label, ...optional }));
  }

  publish(...events: readonly (Publishes<'care-plan'> & { readonly correlationId?: string })[]): void {
    this.unit.publish(...events);
  }

  wakeAt(task: Task): void {
    if (task.wake) this.unit.ask({ name: task.wake.job, rowId: task.taskId, patientId: task.patientId, dueAt: new Date(task.wake.at) });
  }
}
