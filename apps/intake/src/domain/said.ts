import type { DischargeData, PrescriptionData, TimeSource } from '@throughline/contracts/intake-events';
import type * as z from 'zod';
import type { StatementSaid } from './statement.js';

/**
 * Our words for what one message says, whatever it was written in. `undefined` = the message does not say;
 * `null` = it says that there is none (HL7's `""`). Instants are ISO 8601 in UTC.
 */
export type Stated<T> = T | null | undefined;

export type Source = z.infer<typeof TimeSource>;
export type Code = z.infer<typeof DischargeData>['diagnoses'][number];
export type Facility = z.infer<typeof DischargeData>['facility'];
type PrescriptionFields = z.infer<typeof PrescriptionData>;

/** The kinds of number that may say who somebody is, best first. Account, SSN and telephone are not among them: they match no one. */
export const IDENTIFIER_KINDS = ['record-number', 'person-index', 'national-number'] as const;

export interface Identifier {
  readonly kind: (typeof IDENTIFIER_KINDS)[number];
  /** Given by the sender itself: its record number comes before any other's. */
  readonly own: boolean;
  readonly authority: string;
  readonly value: string;
}

export interface PatientSaid {
  readonly identifiers: readonly Identifier[];
  readonly name?: Stated<{ readonly family: string; readonly given: string }>;
  /** `YYYY-MM-DD`; a partial date is not said. */
  readonly birthDate?: Stated<string>;
  readonly sex?: Stated<string>;
  readonly phone?: Stated<string>;
  readonly language?: Stated<string>;
  readonly zone?: Stated<string>;
  readonly deceased?: boolean;
}

/** A number somebody gave to a stay. Without an authority it fits the same number of any: it is compared within one person. */
export interface StayNumber {
  readonly authority?: string | undefined;
  readonly value: string;
}

export interface StaySaid {
  readonly visit?: StayNumber;
  readonly account?: StayNumber;
  readonly encounterClass?: string;
  readonly facility: Facility;
  /** IANA zone of the facility. */
  readonly zone: string;
  readonly admittedAt?: string;
  readonly diagnoses: readonly Code[];
  readonly disposition?: string;
  readonly destination?: string;
  /** The message tells of a later stay too: this one is past, and nobody is called because of it. */
  readonly earlier?: true;
}

export interface DischargeSaid {
  readonly at: string;
  readonly source: Source;
}

/** "These numbers name the same person as that one": the message's word, by a pair. */
export interface MergeSaid {
  /** Whose record stands from now on. */
  readonly into: PatientSaid;
  /** The numbers whose records it takes over. */
  readonly retired: readonly Identifier[];
}

export interface PrescriptionSaid {
  readonly orderId?: string;
  readonly medicine: PrescriptionFields['medicine'];
  readonly dose?: PrescriptionFields['dose'];
  readonly route?: string;
  readonly directions?: string;
  readonly timing?: PrescriptionFields['timing'];
  readonly prescribedAt?: string;
  readonly status?: PrescriptionFields['status'];
  readonly basis?: PrescriptionFields['basis'];
  /** 2, 3, ...: among the lines of one message that bear the same order number, or none. */
  readonly place?: number;
}

export interface DocumentSaid {
  /** The number that its source gave it; absent: the message names it. */
  readonly number?: string;
  readonly kind: { readonly code?: string; readonly system?: string; readonly display?: string };
  readonly completion?: string;
  readonly writtenAt?: string;
  readonly withContent: boolean;
  readonly withdrawn: boolean;
}

interface Message {
  /** The sending system, as its duplicates are counted. */
  readonly sender: string;
  readonly controlId: string;
  /** When the sender wrote it down: what orders the facts of one stay, whenever they arrive. */
  readonly at: string;
  readonly atSource: Source;
  readonly receivedAt: string;
  readonly patient: PatientSaid;
  /** What a person should look at, as codes. */
  readonly flags: readonly string[];
}

/** One fact, or several of one kind, of one person. */
export type SaidOnce = Message &
  (
    /** `still`: the patient is in hospital at the message's time, so that a discharge said before it did not last. */
    | { readonly what: 'admission'; readonly stay: StaySaid; readonly still?: true }
    | { readonly what: 'discharge'; readonly stay: StaySaid; readonly discharge: DischargeSaid }
    /** `cancels`: when the discharge that it takes back happened, if it says so. */
    | { readonly what: 'cancel-discharge'; readonly stay: StaySaid; readonly cancels?: string }
    | { readonly what: 'update'; readonly stay?: StaySaid }
    /** There was no such stay: its admission is cancelled, or it is deleted. */
    | { readonly what: 'cancel-stay'; readonly stay: StaySaid }
    /** The patient is expected to leave. */
    | { readonly what: 'plan-discharge'; readonly stay: StaySaid; readonly expectedAt?: string }
    | { readonly what: 'cancel-plan'; readonly stay: StaySaid }
    | { readonly what: 'document'; readonly stay?: Pick<StaySaid, 'visit' | 'account'>; readonly document: DocumentSaid }
    /** `patient` is the first one's. */
    | { readonly what: 'merge'; readonly merges: readonly MergeSaid[] }
    /** A stay was booked on `from` and is this patient's. `visit`: the number it had there. */
    | { readonly what: 'move-stay'; readonly stay: StaySaid; readonly from: readonly Identifier[]; readonly visit?: StayNumber }
    /** `more`: a message may bring several. */
    | { readonly what: 'prescription'; readonly stay?: Pick<StaySaid, 'visit' | 'account'>; readonly prescription: PrescriptionSaid; readonly more?: readonly PrescriptionSaid[] }
    | { readonly what: 'statements'; readonly stay?: Pick<StaySaid, 'visit' | 'account'>; readonly statements: readonly StatementSaid[] }
  );

/** Several facts in one message, each of the person it names; `patient` is the first one's. Taken in their order, all or none. */
export type Bundle = Message & { readonly what: 'bundle'; readonly parts: readonly SaidOnce[] };

export type Said = SaidOnce | Bundle;

export const OUTCOMES = [
  'discharge', 'admission', 'update', 'prescription', 'document', 'noted', 'planned', 'merged', 'repeat', 'correction', 'withdrawn', 'not-followed-up', 'refused',
] as const;
/** What became of a message that was accepted: exactly one of these. */
export type Outcome = (typeof OUTCOMES)[number];
