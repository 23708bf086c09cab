import { randomUUID } from 'node:crypto';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { WakefulLoop } from '@throughline/platform/jobs/wakeful-loop';
import type { Cause } from '@throughline/platform/persistence/unit';
import type { Bell } from '@throughline/platform/runner/bell';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import { Counter } from 'prom-client';
import type { ChaseReads, DueChase } from '../../application/chase-ports.js';
import { beginQuery, endQuery, type SummaryQuery } from '../../application/chase-query.js';
import { NotStored, type IntakeTx, type Receiver } from '../../application/ports.js';
import { QUERY_RESULTS, type QueryResult } from '../../domain/summary-chase.js';
import { arrivalOf, type ReadInside } from './found-document.js';
import { QueryEnded, SourceHttp, type SourceOptions } from './source-http.js';
import { SummarySource, type SourceRules } from './summary-source.js';

export interface ChaserParts extends SourceOptions, SourceRules {
  readonly timeoutMs: number;
  readonly reads: Pick<ChaseReads, 'due'>;
  readonly receiver: Pick<Receiver, 'receive'>;
  readonly readInside: ReadInside;
  /** Rung by the alarm of a rung. */
  readonly knock: Bell;
}

/** Looks for itself now and then, should a ring be lost. */
const POLL_MS = 30_000;
const BATCH = 50;
const AT_ONCE = 4;

/** The source is not as it should be, or we are not as it wants us: what an operator has to look at. */
const TROUBLE: readonly QueryResult[] = ['redirected', 'timeout', 'unreachable', 'unauthorised', 'not-found', 'refused', 'source-error', 'unreadable'];

/**
 * Asks the source for summaries, outside any transaction: takes the rung (commits), asks, hands what it finds to the ordinary door,
 * records what came of it. Any number of copies may run; a rung is taken under its person's lock, so one of them asks.
 */
export class SummaryChaser implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #source: SummarySource;
  readonly #loop: WakefulLoop;
  readonly #counter: Counter<'result'>;
  readonly #stopping = new AbortController();
  #deaf: () => void = () => undefined;
  #trouble: QueryResult | undefined;

  constructor(
    private readonly runtime: ServiceRuntime<'intake', IntakeTx>,
    private readonly parts: ChaserParts,
  ) {
    const { metrics, logger, health } = runtime;
    this.#source = new SummarySource(new SourceHttp(parts), parts);
    this.#counter = new Counter({ name: 'throughline_summary_queries_total', help: 'Queries for discharge summaries, by what came of them', labelNames: ['result'], registers: [metrics.registry] });
    // From 0 on: an alert on a rise does not see the step with which a series begins.
    for (const result of QUERY_RESULTS) this.#counter.inc({ result }, 0);
    this.#loop = new WakefulLoop({
      round: () => this.#round(),
      pollMs: POLL_MS,
      onChange: (error) => (error === null ? logger.info('summaries are asked for again') : logger.warn({ err: error }, 'the searches for summaries could not be read; it is tried again')),
    });
    health.degraded('summary-source', () => (this.#trouble === undefined ? null : `summaries cannot be asked for: ${this.#trouble}`));
  }

  onApplicationBootstrap(): void {
    this.#deaf = this.parts.knock.listen(() => this.#loop.ring());
    void this.runtime.whenOpen.then(() => this.#loop.start());
  }

  /** What is under way is cut off: its rung is taken, and the next one asks again. */
  async onModuleDestroy(): Promise<void> {
    this.#deaf();
    this.#stopping.abort();
    await this.#loop.stop();
  }

  /** True when there may be more. */
  async #round(): Promise<boolean> {
    const due = [...(await this.parts.reads.due(this.runtime.clock.now(), BATCH))];
    const full = due.length === BATCH;
    let done = 0;
    const lane = async (): Promise<void> => {
      for (let one = due.shift(); one && !this.#stopping.signal.aborted; one = due.shift()) if (await this.#chase(one)) done += 1;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return full && done > 0 && !this.#stopping.signal.aborted;
  }

  /** One search's failure holds up no other. */
  async #chase(due: DueChase): Promise<boolean> {
    const { runtime } = this;
    const claim = randomUUID();
    const cause: Cause = { correlationId: claim, causationId: claim, actor: 'service:intake' };
    const inPatient = <T>(work: (tx: IntakeTx) => Promise<T>): Promise<T> => runtime.inPatients([due.patientId], cause, work);
    try {
      const query = await inPatient((tx) => beginQuery(due, tx));
      if (query) {
        const result = await this.#ask(query);
        this.#told(query, result);
        await inPatient((tx) => endQuery(query, result, tx));
      }
      return true;
    } catch (error) {
      runtime.logger.warn({ rowId: due.chaseId, err: error }, 'a search for a summary could not be recorded');
      return false;
    }
  }

  async #ask({ wanted }: SummaryQuery): Promise<QueryResult> {
    const { base, kinds, timeoutMs, receiver, readInside } = this.parts;
    try {
      const document = await this.#source.find(wanted, AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stopping.signal]));
      const finding = { document, wanted, host: base.host, receivedAt: this.runtime.clock.now().toISOString() };
      await receiver.receive(arrivalOf(finding, kinds, readInside));
      return 'found';
    } catch (error) {
      if (error instanceof QueryEnded) return error.result;
      if (error instanceof NotStored) return 'not-stored';
      this.runtime.logger.error({ err: error }, 'a query for a summary failed');
      return 'unreadable';
    }
  }

  #told({ chaseId, n }: SummaryQuery, result: QueryResult): void {
    if (result !== 'interrupted') this.#trouble = TROUBLE.includes(result) ? result : undefined;
    this.#counter.inc({ result });
    this.runtime.logger.info({ rowId: chaseId, attempt: n, outcome: result }, 'summary asked for');
  }
}
