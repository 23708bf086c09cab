import type { DocumentSaid, MergeSaid, PatientSaid, PrescriptionSaid, Said, SaidOnce, Source, StaySaid } from '../../domain/said.js';
import type { StatementSaid } from '../../domain/statement.js';
import { readTime } from './fhir-times.js';
import { part, text, type Json } from './json-values.js';
import type { Entry, Resolve } from './references.js';

export interface Reason {
  /** HL7 table 0357. */
  readonly code: number;
  /** FHIRPath: `Bundle.entry[3].resource.subject`. */
  readonly where?: string;
  /** For the person at the sending end. Never a value of the message. */
  readonly text: string;
}

/** What every resource of one message is read with. */
export interface Reading {
  readonly sender: string;
  /** Who gives the numbers that name no giver. */
  readonly ownAuthority: string;
  /** Names the caller's own server, where references are relative. */
  readonly ownServer: string;
  readonly zone: string;
  readonly receivedAt: string;
  /** The giver that a `system`, or a server's address, stands for. */
  readonly authorityOf: (system: string) => string;
  readonly resolve: Resolve;
  readonly entries: readonly Entry[];
  /** A bundle may be asked to hold what its resources refer to; a single resource may not. */
  readonly bundled: boolean;
  /** It was sent for us to act on (by itself, or in a message, transaction or batch), not to tell what somebody else was asked. */
  readonly asksUs: boolean;
  /** The message's only patient: a resource that names none is about that one. */
  readonly onlyPatient?: Entry | undefined;
  /** Of a message of events: which, and when it was written. */
  readonly event?: { readonly code: string; readonly focus: ReadonlySet<Entry> } | undefined;
  /** `Bundle.timestamp`. */
  readonly timestamp?: string | undefined;
  readonly links: Links;
}

/** What resources of one message say of each other. */
export interface Links {
  /** Results that a report of the message tells of. */
  readonly reported: ReadonlySet<Entry>;
  /** Struck off a list that the message holds. */
  readonly struckOff: ReadonlySet<Entry>;
  /** By encounter. */
  readonly conditions: ReadonlyMap<Entry, readonly Entry[]>;
}

export interface Moment {
  readonly at: string;
  readonly atSource: Source;
}

export interface Person {
  /** The same for what is said of one person within the message. */
  readonly key: string;
  readonly patient: PatientSaid;
  readonly flags: readonly string[];
}

export type StayNumbers = Pick<StaySaid, 'visit' | 'account'>;
type OfMessage = 'sender' | 'controlId' | 'at' | 'atSource' | 'receivedAt' | 'patient' | 'flags';
type Words<W extends SaidOnce['what']> = Omit<Extract<SaidOnce, { what: W }>, OfMessage>;
export type StayWords = Words<'admission'> | Words<'discharge'> | Words<'cancel-discharge'> | Words<'update'> | Words<'cancel-stay'>;

/** One fact of one resource, before facts are put together. */
export type Fact = { readonly person: Person; readonly moment: Moment; readonly flags: readonly string[] } & (
  | { readonly kind: 'stay'; readonly words: StayWords }
  | { readonly kind: 'line'; readonly stay?: StayNumbers | undefined; readonly line: PrescriptionSaid }
  | { readonly kind: 'document'; readonly stay?: StayNumbers | undefined; readonly document: DocumentSaid }
  | { readonly kind: 'statement'; readonly statement: StatementSaid }
  | { readonly kind: 'merge'; readonly merge: MergeSaid }
);

export interface ResourceRead {
  readonly facts: readonly Fact[];
  /** Where the resource says no fact: why. */
  readonly flags: readonly string[];
  readonly reasons: readonly Reason[];
}

export type Reader = (entry: Entry, reading: Reading) => ResourceRead;

export const NOTHING: ResourceRead = { facts: [], flags: [], reasons: [] };
export const onlyFlag = (flag: string): ResourceRead => ({ ...NOTHING, flags: [flag] });
export const refused = (...reasons: readonly Reason[]): ResourceRead => ({ ...NOTHING, reasons });
export const told = (fact: Fact): ResourceRead => ({ ...NOTHING, facts: [fact] });

/**
 * When its source wrote something down. A message of events says so for all that it brings; of anything else each resource
 * knows best when it was last changed.
 */
export const momentOf = ({ timestamp, event, zone, receivedAt }: Reading, resource: Json): Moment => {
  const changed = readTime(text(part(resource, 'meta'), 'lastUpdated'), zone)?.instant;
  const ofMessage: Moment | undefined = timestamp === undefined ? undefined : { at: timestamp, atSource: 'timestamp' };
  const ofResource: Moment | undefined = changed === undefined ? undefined : { at: changed, atSource: 'lastUpdated' };
  return (event ? (ofMessage ?? ofResource) : (ofResource ?? ofMessage)) ?? { at: receivedAt, atSource: 'received' };
};

export type MessageFields = Pick<Said, OfMessage>;
