import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { FollowUp } from '../domain/follow-up.js';

/** What this service keeps of a patient, for its own screens: intake's fact as last heard. */
export type PatientFact = DataOf<'care.patient.recorded.v1'>;

/** Values of one kind, filed under a person. Never change one in place: put a new one. */
export interface Kept<Value> {
  get(patientId: string, id: string): Promise<Value | undefined>;
  put(value: Value): void;
}

/** All that a use-case of this service can touch, inside one transaction that holds the person's stream. */
export interface Tx {
  readonly now: string;
  readonly patients: Kept<PatientFact>;
  readonly followUps: Kept<FollowUp>;
  publish(...events: readonly Publishes<'scheduling'>[]): void;
}

export interface PatientLabel {
  readonly id: string;
  readonly name: { readonly family: string; readonly given: string } | null;
  readonly birthDate: string | null;
  readonly recordNumber: { readonly value: string; readonly authority: string } | null;
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
}

export const READS = Symbol('scheduling:reads');
