import { idOf } from '@throughline/kernel/ids';
import type { DocumentState } from './document.js';
import type { DischargeFacts } from './stay.js';

export const CHASE_STATUSES = ['waiting', 'received', 'given-up', 'not-needed'] as const;

/** What came of one query for a summary. */
export const QUERY_RESULTS = [
  'found', 'nothing-found', 'other-stay', 'other-patient', 'not-final', 'no-content', 'too-large', 'elsewhere', 'redirected', 'timeout', 'unreachable',
  'unauthorised', 'not-found', 'refused', 'source-error', 'unreadable', 'not-stored', 'interrupted',
] as const;
export type QueryResult = (typeof QUERY_RESULTS)[number];

/** The search for the summary of one discharge. By whose and which numbers it is asked for is read anew each time: records are merged, numbers learned. */
export interface SummaryChase {
  readonly chaseId: string;
  readonly patientId: string;
  readonly dischargeId: string;
  readonly encounterId: string;
  readonly status: (typeof CHASE_STATUSES)[number];
  /** When the discharge was recorded here: what the rungs are counted from. */
  readonly since: string;
  /** Queries begun. */
  readonly queries: number;
  /** When to ask next. Absent: nobody asks any more. */
  readonly dueAt?: string | undefined;
  /** The last rung was taken: at `dueAt` it is given up. */
  readonly last?: true | undefined;
  /** `result` is absent while it is under way, or when the process ended in it. */
  readonly lastQuery?: { readonly at: string; readonly result?: QueryResult } | undefined;
}

/** When to ask, in milliseconds after the discharge was recorded, rising. None: no source is configured. */
export type Ladder = readonly number[];

/** Longer than a query can take, and than its answer needs to be decided on. */
const LAST_ANSWER_MS = 15 * 60_000;

/** HL7 table 0271: in progress, incomplete. */
const NOT_WRITTEN_YET: readonly string[] = ['IP', 'IN'];

export const chaseId = (dischargeId: string): string => idOf('summary-chase', dischargeId);

const later = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

/** The next rung after now. Rungs that passed while nobody could ask are left out: one query makes up for all of them. */
const nextRung = (since: string, ladder: Ladder, now: string): string | undefined => ladder.map((ms) => later(since, ms)).find((at) => at > now);

/** A written summary of the stay is known: the same rule by which the task that waits for it is done. */
export const summaryKnown = (documents: readonly DocumentState[], encounterId: string): boolean =>
  documents.some(({ published }) =>
    published !== undefined && published.encounterId === encounterId && published.dischargeSummary && published.withContent && !published.withdrawn && !NOT_WRITTEN_YET.includes(published.completion ?? ''),
  );

export interface KnownOfDischarge {
  readonly discharge: DischargeFacts;
  readonly summaryKnown: boolean;
  /** Some number names the person and some the stay: without them a summary could neither be found nor told to be of it. */
  readonly findable: boolean;
}

const begin = ({ discharge, findable }: KnownOfDischarge, ladder: Ladder, now: string): SummaryChase | undefined => {
  const { dischargeId, patientId, encounterId, dischargedAt } = discharge;
  const dueAt = nextRung(now, ladder, now);
  // Old news: a history that is loaded must not become a storm of queries.
  const old = later(dischargedAt, ladder.at(-1) ?? 0) < now;
  if (!findable || old || dueAt === undefined) return undefined;
  return { chaseId: chaseId(dischargeId), patientId, dischargeId, encounterId, status: 'waiting', since: now, queries: 0, dueAt };
};

const resume = (chase: SummaryChase, ladder: Ladder, now: string): SummaryChase => {
  const dueAt = nextRung(chase.since, ladder, now);
  return { ...chase, status: dueAt === undefined ? 'given-up' : 'waiting', dueAt, last: undefined };
};

/**
 * Where the search stands by what is known now, whichever was heard first: a discharge that is followed up and has no summary is
 * asked for. One that is taken back, or whose summary is, changes it back. The same object when nothing changes.
 */
export const reconsider = (chase: SummaryChase | undefined, known: KnownOfDischarge, ladder: Ladder, now: string): SummaryChase | undefined => {
  const wanted = !known.discharge.withdrawn && known.discharge.followUp.wanted;
  const ended = !wanted ? 'not-needed' : known.summaryKnown ? 'received' : undefined;
  if (!chase) return ended ? undefined : begin(known, ladder, now);
  if (ended) return chase.status === ended ? chase : { ...chase, status: ended, dueAt: undefined, last: undefined };
  return chase.status === 'waiting' || chase.status === 'given-up' ? chase : resume(chase, ladder, now);
};

export const isDue = ({ status, dueAt }: SummaryChase, now: string): boolean => status === 'waiting' && dueAt !== undefined && dueAt <= now;

const giveUp = (chase: SummaryChase): SummaryChase => ({ ...chase, status: 'given-up', dueAt: undefined, last: undefined });

/** Takes the rung that is due, before anybody is asked: a process that ends in the query leaves the next one to be taken. `waiting`, and counted once more: ask now. */
export const takeRung = (chase: SummaryChase, ladder: Ladder, now: string): SummaryChase => {
  if (!isDue(chase, now)) return chase;
  if (chase.last) return giveUp(chase);
  const dueAt = nextRung(chase.since, ladder, now);
  const next = dueAt === undefined ? { dueAt: later(now, LAST_ANSWER_MS), last: true as const } : { dueAt };
  return { ...chase, ...next, queries: chase.queries + 1, lastQuery: { at: now } };
};

/** What the `n`th query came to. What it found stops the search when it was decided on, like a summary that comes by itself. */
export const settleQuery = (chase: SummaryChase, n: number, result: QueryResult): SummaryChase => {
  if (chase.queries !== n || !chase.lastQuery) return chase;
  const settled = { ...chase, lastQuery: { at: chase.lastQuery.at, result } };
  return settled.status === 'waiting' && settled.last && result !== 'found' ? giveUp(settled) : settled;
};
