import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { Instant } from '@throughline/kernel/business-time';
import type { Episode } from '../domain/episode.js';
import type { Contact, Discharge, Encounter, Evidence, Work } from '../domain/facts.js';
import type { Person } from '../domain/person.js';
import type { Referral } from '../domain/referral.js';
import type { Reference } from '../domain/settle.js';
import type { Task } from '../domain/task.js';

/** One line of a patient's timeline. Insert-only: what was true then stays written. */
export interface HistoryEntry {
  /** Made from what it tells of, so that the same thing is written once. */
  readonly id: string;
  readonly patientId: string;
  /** When it happened. */
  readonly at: Instant;
  /** `discharge.recorded`, `task.overdue`, `contact.recorded`, ... */
  readonly kind: string;
  readonly label: string;
  readonly by?: string;
  /** May hold a note that a person typed: never leaves this service's rows but to who may read them. */
  readonly detail?: string;
  readonly episodeId?: string;
  readonly taskId?: string;
}

/** All that a use-case of this service can touch, in one transaction that holds the person's stream. */
export interface Tx {
  readonly now: Instant;
  /** `sub` of the token, or `service:<name>`. */
  readonly actor: string;
  /** The event, command or job that made this happen. */
  readonly causationId: string;
  readonly reference: Reference;
  /** After the database was put back to an older copy: facts are kept, and the person is settled once all are known. */
  readonly catchingUp: boolean;
  /** How long a late task can be put aside at most. */
  readonly hoursSnoozedWhenLate: number;
  /** Everything known of the person, under all aliases. */
  person(patientId: string): Promise<Person>;
  /** Whether intake's last word on this record was that the patient died. */
  hasDied(patientId: string): Promise<boolean>;
  /** What is needed to name, find and call them. */
  keepPatient(patient: DataOf<'care.patient.recorded.v1'>): void;
  /** From now on the record goes by `survivorId`, or by its own id again. Answers ids of everybody whose facts are other ones by that. */
  nameAs(patientId: string, survivorId: string): readonly string[];
  keepDischarge(discharge: Discharge): void;
  keepReferral(referral: Referral): void;
  keepEncounter(encounter: Encounter): void;
  keepEvidence(evidence: Evidence): void;
  keepContact(contact: Contact): void;
  keepEpisode(episode: Episode): void;
  keepTask(task: Task, work: Work): void;
  tell(entry: HistoryEntry): void;
  publish(...events: readonly (Publishes<'care-plan'> & { readonly correlationId?: string })[]): void;
  /** Wakes `wakeTask` at the task's next time. */
  wakeAt(task: Task): void;
}
