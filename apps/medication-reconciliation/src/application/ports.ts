import type { DataOf, Publishes } from '@throughline/contracts/flow';
import type { Kept } from '@throughline/kernel/kept';
import type { PatientLabel } from '@throughline/kernel/patient-label';
import type { MedicationLine } from '../domain/medication-line.js';
import type { Reconciliation } from '../domain/reconciliation.js';

/** All that a use-case of this service can touch, inside one transaction that holds the person's stream. */
export interface Tx {
  readonly now: string;
  /** After the database was put back to an older copy: lines are kept, and join once all are known. */
  readonly catchingUp: boolean;
  /** Who the patient is, so that lists can say a name without asking another service. */
  keepPatient(patient: DataOf<'care.patient.recorded.v1'>): void;
  /** From now on the record goes by `survivorId`, or by its own id again. Answers ids of everybody whose facts are other ones by that. */
  nameAs(patientId: string, survivorId: string): readonly string[];
  readonly lines: Kept<MedicationLine>;
  readonly reconciliations: Kept<Reconciliation>;
  publish(...events: readonly Publishes<'medication-reconciliation'>[]): void;
}

export interface ReconciliationSeen {
  readonly reconciliation: Reconciliation;
  readonly patient: PatientLabel;
}

/** `[openedAt, id]` or `[receivedAt, id]` of the last one on the page before. */
export type After = readonly [string, string];

/** Reads for screens, outside any use-case. */
export interface Reads {
  reconciliations(filter: { status?: string | undefined; patient?: string | undefined }, after: After | undefined, limit: number): Promise<readonly ReconciliationSeen[]>;
  reconciliation(id: string): Promise<ReconciliationSeen | undefined>;
  lines(patientId: string, after: After | undefined, limit: number): Promise<readonly MedicationLine[]>;
  linesById(ids: readonly string[]): Promise<readonly MedicationLine[]>;
}

export const READS = Symbol('medication-reconciliation:reads');
