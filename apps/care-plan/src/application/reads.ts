import type { DataOf } from '@throughline/contracts/flow';
import type { PatientLabel } from '@throughline/kernel/patient-label';
import type { Episode, EpisodeOrigin } from '../domain/episode.js';
import type { Work } from '../domain/facts.js';
import type { Task } from '../domain/task.js';
import type { HistoryEntry } from './ports.js';

export interface TaskFilter {
  /** `open`: any state that is not final. Absent or `all`: every state. */
  readonly status?: 'open' | 'overdue' | 'completed' | 'withdrawn' | 'all';
  readonly patient?: string;
  readonly team?: string;
  readonly assignee?: string;
  readonly dueBefore?: string;
  /** Only those that are aside at `now`, or only those that are not. */
  readonly snoozed?: { readonly is: boolean; readonly now: string };
}

export interface EpisodeFilter {
  /** `open`: not ended, a paused one included. */
  readonly status?: 'open' | 'paused' | 'superseded' | 'withdrawn' | 'closed' | 'all';
  readonly patient?: string;
  readonly kind?: EpisodeKind;
}

export type EpisodeKind = DataOf<'care.episode.opened.v1'>['kind'];

export interface TaskSeen {
  readonly task: Task;
  readonly work: Work;
  readonly patient: PatientLabel;
  /** What its episode follows. */
  readonly origin: EpisodeOrigin;
}

/** Whose a task is: that never changes. */
export interface TaskOwner {
  readonly patientId: string;
  readonly correlationId: string;
}

export interface EpisodeSeen {
  readonly episode: Episode;
  readonly patient: PatientLabel;
}

export type PatientSeen = DataOf<'care.patient.recorded.v1'>;

/** Sort values of the last item on the page before. */
type After = readonly (string | number | null)[] | undefined;
export type TimelineEntry = HistoryEntry & { readonly place: number };

/** Reads for screens, outside any use-case. */
export interface Reads {
  /** After `[dueAt, id]`. */
  tasks(filter: TaskFilter, after: After, limit: number): Promise<readonly TaskSeen[]>;
  task(id: string): Promise<TaskSeen | undefined>;
  /** By task id; without those that are not there. */
  owners(ids: readonly string[]): Promise<ReadonlyMap<string, TaskOwner>>;
  /** Newest first, after `[openedAt, id]`. */
  episodes(filter: EpisodeFilter, after: After, limit: number): Promise<readonly EpisodeSeen[]>;
  episode(id: string): Promise<EpisodeSeen | undefined>;
  /** Every word begins a name, or the whole begins a record number; after `[family key, given key, id]`. */
  patients(query: string, after: After, limit: number): Promise<readonly (PatientSeen & { readonly keys: readonly [string, string] })[]>;
  patient(id: string): Promise<PatientSeen | undefined>;
  /** Newest first, after `[at, place, id]`. */
  timeline(patientId: string, after: After, limit: number): Promise<readonly TimelineEntry[]>;
}

export const READS = Symbol('care-plan:reads');
