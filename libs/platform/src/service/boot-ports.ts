import type { Logger } from 'pino';
import type { Alarms } from '../jobs/jobs.js';
import type { Bus } from '../bus/bus.js';
import type { Clock } from '@throughline/kernel/clock';

/** What can be handed to `bootService` in place of what the environment describes: shared parts of one process, and the test's. */
export interface BootOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Made for this service: its lines carry the name. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The embedded bus is one object for the whole process. */
  readonly bus?: Bus;
  readonly alarms?: Alarms;
}

/** `bootService(definition, options)` in `boot.ts` answers with this. */
export interface RunningService {
  readonly name: string;
  /** Base URL of its HTTP adapter, `http://127.0.0.1:PORT`; routes are under `/api/<service>/`. */
  readonly url: string;
  ready(): Promise<{ readonly ok: boolean; readonly reasons: readonly string[] }>;
  /** Stop taking, finish or give back, flush, leave. */
  stop(): Promise<void>;
}
