import type { DocumentData } from '@throughline/contracts/intake-events';
import { idOf } from '@throughline/kernel/ids';
import type * as z from 'zod';
import { stayNamed, type StayNamed } from './find-stay.js';
import { compareStamps, present, type Stamp } from './kept.js';
import type { Person } from './person.js';
import type { DocumentSaid } from './said.js';

export type DocumentFacts = Omit<z.infer<typeof DocumentData>, 'version'>;

export interface DocumentState {
  readonly documentId: string;
  readonly patientId: string;
  readonly version: number;
  readonly source: string;
  /** The stay it is about, as the message names it. */
  readonly stay?: StayNamed | undefined;
  readonly said: DocumentSaid;
  readonly stamp: Stamp;
  readonly published?: DocumentFacts | undefined;
}

/** Kinds of document that are the summary of a discharge; reference data an operator can replace. Upper case. */
export type SummaryKinds = readonly string[];

/** A document is named by its source and number, else by the message that brought it. */
export const documentId = (patientId: string, source: string, { number }: DocumentSaid, by: string): string =>
  idOf('document', patientId, source, ...(number === undefined ? ['message', by] : ['number', number]));

/** The latest word on a document wins, by the sender's time. What was taken back stays so, unless it comes again later. */
export const hearDocument = (known: DocumentState | undefined, next: DocumentState): DocumentState => {
  if (!known) return next;
  const newer = compareStamps(known.stamp, next.stamp) <= 0 ? next : known;
  const older = newer === next ? known : next;
  // An edit that comes without its text does not take the text away.
  const withContent = newer.said.withContent || older.said.withContent;
  return { ...newer, said: { ...newer.said, withContent }, version: known.version, published: known.published, stay: newer.stay ?? older.stay };
};

export const documentFacts = (document: DocumentState, person: Person, summaries: SummaryKinds): DocumentFacts => {
  const { documentId: id, patientId, source, said } = document;
  const words = [said.kind.code, said.kind.display].map((word) => word?.trim().toUpperCase());
  return present({
    patientId,
    documentId: id,
    encounterId: stayNamed(person.encounters, person.patient.patientId, document.stay, document.stamp.at),
    source,
    number: said.number,
    kind: said.kind,
    dischargeSummary: words.some((word) => word !== undefined && summaries.includes(word)),
    completion: said.completion,
    writtenAt: said.writtenAt,
    withContent: said.withContent,
    withdrawn: said.withdrawn,
  });
};
