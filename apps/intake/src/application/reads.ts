import type { Arrival } from './ports.js';
import type { PatientState } from '../domain/patient.js';
import type { PrescriptionState } from '../domain/prescription.js';
import type { DischargeState, EncounterState } from '../domain/stay.js';

/** Sort values of the last item on the page before. */
export type After = readonly (string | number | null)[] | undefined;

export interface PatientSeen {
  readonly patient: PatientState;
  readonly searchName: string;
}

export interface PersonSeen {
  /** The record that stands. */
  readonly patient: PatientState;
  /** Every one that names the person, that one included. */
  readonly records: readonly PatientState[];
  readonly encounters: readonly EncounterState[];
  readonly discharges: readonly DischargeState[];
}

/** An inbound message without its content. */
export interface InboundSeen {
  readonly id: string;
  readonly receivedAt: Date;
  readonly protocol: Arrival['protocol'];
  readonly sender: string;
  readonly controlId: string;
  readonly trigger: string;
  readonly answer: 'AA' | 'AE' | 'AR';
  readonly arrivals: number;
  readonly controlIdReused: boolean;
  readonly outcome: string;
  readonly reason: string | null;
  /** Why it is in quarantine. */
  readonly reasons: readonly { readonly code: number; readonly where?: string; readonly text: string }[] | null;
  readonly patientId: string | null;
  readonly encounterId: string | null;
  readonly dischargeId: string | null;
  readonly dischargedAt: Date | null;
  readonly timeSource: string | null;
  readonly flags: readonly string[] | null;
  readonly decidedAt: Date | null;
}

/** Reads for screens, outside any use-case. */
export interface Reads {
  /** The beginning of a name, or a whole number; after `[search name, id]`. */
  patients(query: string, after: After, limit: number): Promise<readonly PatientSeen[]>;
  person(patientId: string): Promise<PersonSeen | undefined>;
  /** After `[id]`. */
  lines(patientId: string, after: After, limit: number): Promise<readonly PrescriptionState[]>;
  /** Messages about the person, newest first, after `[received, id]`. */
  timeline(patientId: string, after: After, limit: number): Promise<readonly InboundSeen[]>;
  /** Newest first, after `[received, id]`. */
  inbound(outcome: string | undefined, after: After, limit: number): Promise<readonly InboundSeen[]>;
  message(id: string): Promise<(InboundSeen & { readonly raw: Buffer }) | undefined>;
}

export const READS = Symbol('intake:reads');
