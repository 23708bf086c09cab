import type { Spread } from './percentiles.js';

/** What the driver and the load generator, a process of its own, say to each other. Times are in ms, rates per second. */
export interface LoadSettings {
  readonly url: string;
  readonly mllpPort: number;
  readonly senderToken: string;
  readonly subscriberToken: string;
  /** Positive answers, as `throughline check --journal` reads them. */
  readonly journal: string;
  /** The same seed makes the same patients. */
  readonly seed: number;
}

export type Order =
  | { readonly do: 'begin'; readonly settings: LoadSettings }
  /** Closed loop: each connection sends its next message when the last one is answered. */
  | { readonly do: 'adt'; readonly connections: number; readonly warmSeconds: number; readonly seconds: number }
  /** Open loop: discharges fall due at this rate whatever the system does; the first `skipSeconds` are not measured. */
  | { readonly do: 'offer'; readonly rate: number; readonly seconds: number; readonly skipSeconds: number }
  /** Closed loop: at most `inFlight` discharges are under way, that is not answered or without their tasks, until there were so many or so long. */
  | { readonly do: 'push'; readonly until: 'accepted' | 'done'; readonly inFlight: number; readonly discharges?: number; readonly seconds?: number }
  /** Waits until every discharge has its tasks. */
  | { readonly do: 'drain'; readonly seconds: number }
  | { readonly do: 'end' };

/** Ends an `offer` early: what is under way is finished. Has no answer of its own. */
export interface Cut {
  readonly cut: true;
}

/** How far it is, told twice a second. */
export interface Progress {
  /** Due so far. */
  readonly offered: number;
  /** All five messages answered positively. */
  readonly accepted: number;
  /** All five tasks seen on the stream. */
  readonly done: number;
  /** Messages answered negatively or not at all, after one more try. */
  readonly failed: number;
}

export interface AdtResult {
  readonly perSecond: number;
  readonly ack: Spread;
  readonly failed: number;
}

export interface OfferResult {
  readonly offered: number;
  readonly failed: number;
  /** From the time a message was due to its answer. */
  readonly ack: Spread;
  readonly rest: Spread;
}

export interface PushResult {
  readonly offered: number;
  readonly failed: number;
  readonly seconds: number;
  /** Discharges accepted, or with all their tasks, per second: in the second half of the time. */
  readonly perSecond: number;
}

export interface DrainResult {
  /** Discharges that still lack tasks. */
  readonly waiting: number;
  /** From the time a discharge was due to its fifth task on the stream, for what was offered since the last drain. */
  readonly toTasks: Spread;
}

export interface ResultOf {
  readonly begin: null;
  readonly adt: AdtResult;
  readonly offer: OfferResult;
  readonly push: PushResult;
  readonly drain: DrainResult;
  readonly end: null;
}

export type FromLoad = { readonly progress: Progress } | { readonly result: ResultOf[Order['do']] } | { readonly error: string };
