import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { Kept } from '@throughline/kernel/kept';
import type { PatientLabel } from '@throughline/kernel/patient-label';
import type { FollowUp } from '../domain/follow-up.js';
import type { StatedAppointment } from '../domain/stated-appointment.js';

/** All that a use-case of this service can touch, inside one transaction that holds the person's stream. */
export interface Tx {
  readonly now: string;
  /** Who the patient is, so that lists can say a name without asking another service. */
  keepPatient(patient: DataOf<'care.patient.recorded.v1'>): void;
  /** From now on the record goes by `survivorId`, or by its own id again. Answers ids of everybody whose facts are other ones by that. */
  nameAs(patientId: string, survivorId: string): readonly string[];
  readonly followUps: Kept<FollowUp>;
  readonly statedAppointments: Kept<StatedAppointment>;
  publish(...events: readonly Publishes<'scheduling'>[]): void;
}

export interface FollowUpSeen {
  readonly followUp: FollowUp;
  readonly patient: PatientLabel;
}

/** `[dueAt, id]` of the last one on the page before. */
export type After = readonly [string, string];

/** Reads for screens, outside any use-case. */
export interface Reads {
  followUps(filter: { status?: string | undefined; patient?: string | undefined }, after: After | undefined, limit: number): Promise<readonly FollowUpSeen[]>;
  followUp(id: string): Promise<FollowUpSeen | undefined>;
  /** What others say of the person's visits, the soonest first; what has no time comes last. */
  statedAppointments(patient: string, after: readonly (string | number | null)[] | undefined, limit: number): Promise<readonly StatedAppointment[]>;
}

export const READS = Symbol('scheduling:reads');
