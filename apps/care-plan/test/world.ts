import type { DataOf, EventOf, EventType, Publishes } from '@throughline/contracts/flow';
import { idOf } from '@throughline/kernel/ids';
import { eventOf } from '@throughline/testing/event-of';
import { hearing } from '@throughline/testing/in-memory';
import { consumes } from '../src/adapters/events/consumes.js';
import type { HistoryEntry, Tx } from '../src/application/ports.js';
import { wakeTask } from '../src/application/wake-task.js';
import { readConfig } from '../src/config.js';
import type { Episode } from '../src/domain/episode.js';
import type { Contact, Discharge, Encounter, Evidence, Work } from '../src/domain/facts.js';
import type { Referral } from '../src/domain/referral.js';
import type { Task } from '../src/domain/task.js';

export const { reference, hoursSnoozedWhenLate } = readConfig({});
export const PATIENT = idOf('patient', 'synthetic-1');
export const ENCOUNTER = idOf('encounter', 'synthetic-1');
export const DISCHARGE = idOf('discharge', 'synthetic-1');
export const REFERRAL = idOf('statement', 'synthetic-1');

export type AnyEvent = EventOf<keyof typeof consumes & EventType>;

export const event = <T extends EventType>(type: T, data: DataOf<T>, time = '2026-03-06T18:00:05.000Z'): EventOf<T> => eventOf(type, data, time);

/** Friday 6 March 2026, 13:00 in New York; the clocks there change on Sunday. */
export const dischargeData = (over: Partial<DataOf<'care.discharge.recorded.v1'>> = {}): DataOf<'care.discharge.recorded.v1'> => ({
  patientId: PATIENT,
  version: 1,
  dischargeId: DISCHARGE,
  encounterId: ENCOUNTER,
  n: 1,
  facility: { code: 'SYN' },
  facilityZone: 'America/New_York',
  dischargedAt: '2026-03-06T18:00:00.000Z',
  dischargedAtSource: 'PV1-45',
  dischargeDate: '2026-03-06',
  diagnoses: [],
  followUp: { wanted: true },
  backdated: false,
  withdrawn: false,
  ...over,
});

export const discharged = (over: Partial<DataOf<'care.discharge.recorded.v1'>> = {}) => event('care.discharge.recorded.v1', dischargeData(over));
export const cancelled = (over: Partial<DataOf<'care.discharge.withdrawn.v1'>> = {}, time = '2026-03-06T20:00:00.000Z') =>
  event('care.discharge.withdrawn.v1', dischargeData({ version: 2, withdrawn: true, ...over }), time);
export const admitted = (over: Partial<DataOf<'care.encounter.recorded.v1'>> = {}) =>
  event('care.encounter.recorded.v1', { patientId: PATIENT, version: 1, encounterId: idOf('encounter', 'synthetic-2'), status: 'admitted', facility: { code: 'SYN' }, admittedAt: '2026-03-08T08:00:00.000Z', ...over });
export const reconciled = (dischargeId = DISCHARGE, version = 2) =>
  event('care.reconciliation.completed.v1', {
    patientId: PATIENT, version, reconciliationId: idOf('reconciliation', dischargeId), dischargeId, status: 'completed',
    openedAt: '2026-03-06T18:00:06.000Z', lineIds: [], completed: { at: '2026-03-06T19:00:00.000Z', by: 'pharmacist-1' },
  });
const followUp = (dischargeId: string, version: number) => ({
  patientId: PATIENT, version, followUpId: idOf('follow-up', dischargeId), dischargeId, episodeId: idOf('episode', 'transition', dischargeId),
  window: { from: '2026-03-07', to: '2026-03-20', dueAt: '2026-03-21T03:59:59.999Z' },
});
export const requested = (dischargeId = DISCHARGE, version = 1) => event('care.follow-up.requested.v1', { ...followUp(dischargeId, version), status: 'requested' });
export const booked = (dischargeId = DISCHARGE, version = 2, at = '2026-03-12T15:00:00.000Z') =>
  event('care.follow-up.booked.v1', { ...followUp(dischargeId, version), status: 'booked', appointment: { at, mode: 'in-person' } });

/** Asked for on the same Friday. */
export const referred = (over: Partial<DataOf<'care.patient.referred.v1'>> = {}, time = '2026-03-06T18:00:05.000Z') =>
  event('care.patient.referred.v1', {
    patientId: PATIENT, version: 1, referralId: REFERRAL, source: 'CLINIC|SYN', withdrawn: false,
    referredAt: '2026-03-06T17:30:00.000Z', referredDate: '2026-03-06', zone: 'America/New_York', by: 'clinician', reason: { text: 'new to insulin' }, backdated: false, ...over,
  }, time);
export const unreferred = (over: Partial<DataOf<'care.patient.referred.v1'>> = {}) => referred({ version: 2, withdrawn: true, ...over }, '2026-03-06T20:00:00.000Z');
export const patient = (over: Partial<DataOf<'care.patient.recorded.v1'>> = {}) =>
  event('care.patient.recorded.v1', { patientId: PATIENT, version: 1, name: { family: 'Muster', given: 'Ada' }, birthDate: '1941-02-03', deceased: false, recordNumber: { value: 'S-1', authority: 'SYN' }, ...over });

export const document = (over: Partial<DataOf<'care.document.received.v1'>> = {}) =>
  event('care.document.received.v1', {
    patientId: PATIENT, version: 1, documentId: idOf('document', 'synthetic-1'), encounterId: ENCOUNTER, source: 'WARDS|SYN', number: 'D1', kind: { code: 'DS' },
    dischargeSummary: true, completion: 'AU', withContent: true, withdrawn: false, ...over,
  }, '2026-03-06T20:30:00.000Z');

/** The service without its rim: what use-cases keep, say and ask for, and nothing else. One person. */
export class World {
  /** What is known of each of their records. */
  readonly patients = new Map<string, DataOf<'care.patient.recorded.v1'>>();
  readonly discharges = new Map<string, Discharge>();
  readonly referrals = new Map<string, Referral>();
  readonly encounters = new Map<string, Encounter>();
  readonly evidence = new Map<string, Evidence>();
  readonly contacts = new Map<string, Contact>();
  readonly episodes = new Map<string, Episode>();
  readonly tasks = new Map<string, Task>();
  readonly work = new Map<string, Work>();
  readonly history = new Map<string, HistoryEntry>();
  readonly said: Publishes<'care-plan'>[] = [];
  /** Getting to know again what an older copy of the database had missed. */
  catchingUp = false;
  #commands = 0;

  constructor(public now = '2026-03-06T18:00:10.000Z') {}

  tx(causationId = idOf('cause', this.#commands++), actor = 'nurse-1'): Tx {
    // As jsonb keeps them: order of keys and absent values do not survive.
    const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value, Object.keys(flatten(value)).sort())) as T;
    return {
      now: this.now,
      actor,
      causationId,
      reference,
      hoursSnoozedWhenLate,
      catchingUp: this.catchingUp,
      person: () =>
        Promise.resolve({
          deceased: [...this.patients.values()].filter(({ deceased }) => deceased).map(({ patientId }) => patientId),
          discharges: [...this.discharges.values()],
          referrals: [...this.referrals.values()],
          encounters: [...this.encounters.values()],
          evidence: [...this.evidence.values()],
          contacts: [...this.contacts.values()],
          work: new Map(this.work),
          risk: new Map([...this.episodes.values()].map((episode) => [episode.episodeId, episode.risk])),
          episodes: [...this.episodes.values()],
          tasks: [...this.tasks.values()],
        }),
      hasDied: (patientId) => Promise.resolve(this.patients.get(patientId)?.deceased ?? false),
      keepPatient: (patient) => void this.patients.set(patient.patientId, patient),
      nameAs: (patientId: string) => [patientId],
      keepDischarge: (discharge) => void this.discharges.set(discharge.dischargeId, stored(discharge)),
      keepReferral: (referral) => void this.referrals.set(referral.referralId, stored(referral)),
      keepEncounter: (encounter) => void this.encounters.set(encounter.encounterId, stored(encounter)),
      keepEvidence: (evidence) => void this.evidence.set(`${evidence.kind} ${evidence.dischargeId ?? evidence.encounterId}`, stored(evidence)),
      keepContact: (contact) => void this.contacts.set(contact.contactId, stored(contact)),
      keepEpisode: (episode) => void this.episodes.set(episode.episodeId, stored(episode)),
      keepTask: (task, work) => {
        this.tasks.set(task.taskId, stored(task));
        this.work.set(task.taskId, work);
      },
      tell: (entry) => void (this.history.has(entry.id) || this.history.set(entry.id, entry)),
      publish: (...events) => this.said.push(...events),
      wakeAt: () => undefined,
    };
  }

  readonly hear = hearing(consumes, (heard: AnyEvent) => this.tx(heard.id, 'service:care-plan'));

  /** Moves the clock and rings for every task whose time came, again and again until nothing more happens. */
  async until(now: string): Promise<void> {
    for (;;) {
      const next = [...this.tasks.values()].map((task) => task.wake?.at).filter((at) => at !== undefined && at <= now).sort()[0];
      if (next === undefined) break;
      if (next > this.now) this.now = next;
      await wakeTask({ patientId: PATIENT }, this.tx());
    }
    this.now = now;
  }

  /** Of a discharge or referral. */
  step(stepId: string, of = DISCHARGE): Task | undefined {
    return [...this.tasks.values()].find((task) => task.stepId === stepId && isOf(task, of));
  }

  episode(of = DISCHARGE): Episode | undefined {
    return [...this.episodes.values()].find((episode) => isOf(episode, of));
  }

  statuses(of = DISCHARGE): Record<string, string> {
    return Object.fromEntries([...this.tasks.values()].filter((task) => isOf(task, of)).map((task) => [task.stepId, task.status]).sort());
  }

  verbs(): string[] {
    return this.said.map(({ type }) => type.slice('care.'.length, -'.v1'.length));
  }
}

const isOf = ({ dischargeId, referralId }: Pick<Task, 'dischargeId' | 'referralId'>, id: string): boolean => (dischargeId ?? referralId) === id;

const flatten = (value: unknown): Record<string, true> =>
  value === null || typeof value !== 'object'
    ? {}
    : Object.assign({}, ...Object.entries(value).map(([key, inner]) => ({ [key]: true, ...flatten(inner) }))) as Record<string, true>;
