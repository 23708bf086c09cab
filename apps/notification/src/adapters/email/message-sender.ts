import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@throughline/kernel/clock';
import type { Cause } from '@throughline/platform/persistence/unit';
import { during, type Traces, type TraceSpan, uuidOrNothing } from '@throughline/platform/telemetry/traces';
import { claimMessages } from '../../application/claim-messages.js';
import type { DueMessage, Reads, Tx } from '../../application/ports.js';
import { settleMessages } from '../../application/settle-messages.js';
import { emailText } from '../../domain/email-text.js';
import type { Outcome, Sending } from '../../domain/message.js';
import type { Mailer } from './smtp-mailer.js';

export interface SenderParts {
  readonly inPatients: <T>(patientIds: readonly string[], cause: Cause, work: (tx: Tx) => Promise<T>) => Promise<T>;
  readonly reads: Pick<Reads, 'dueMessages'>;
  readonly mailer: Mailer;
  readonly clock: Clock;
  /** Team -> address; `*` is any other team. */
  readonly recipients: ReadonlyMap<string, string>;
  readonly from: string;
  readonly consoleUrl: string;
  readonly timeoutMs: number;
  /** Called with what became of each attempt. */
  readonly observe: (outcome: Outcome, messages: number) => void;
  readonly failed: (error: unknown) => void;
  /** Absent: no traces. */
  readonly traces?: Traces | undefined;
}

const AT_ONCE = 4;
const BATCH = 60;
const DIGEST = 500;
/** Asks for itself now and then, should a ring be lost. */
const POLL_MS = 5_000;
const PAUSE_MS = 1_000;
const GATHER_MS = 50;
/** A settlement that cannot be written is tried again this often; then the lease says "unknown". */
const SETTLE_TRIES = 10;
const STOP_MS = 10_000;

/** Waits for all before it fails with the first failure: none is left running behind its caller's back. */
const allOf = async (work: readonly Promise<void>[]): Promise<void> => {
  const failed = (await Promise.allSettled(work)).find((it) => it.status === 'rejected');
  if (failed) throw failed.reason;
};

/** A mail about one message goes on from where it was planned; a digest is of many threads, and points back at each. */
const sendSpan = (traces: Traces, messages: readonly DueMessage[]): TraceSpan => {
  const from = messages.map((it) => it.traceparent ?? undefined);
  return traces.begin({
    name: 'send e-mail',
    kind: 'client',
    ...(messages.length === 1 ? { parent: from[0] } : { links: from }),
    attributes: {
      'messaging.system': 'smtp', 'messaging.operation.name': 'send', 'messaging.operation.type': 'send', 'messaging.destination.name': 'e-mail',
      ...(messages.length === 1 ? { 'messaging.message.conversation_id': uuidOrNothing(messages[0]!.correlationId) } : { 'messaging.batch.message_count': messages.length }),
    },
  });
};

/**
 * Sends outside any transaction: claims (commits `sending`), sends, records. Any number of copies may run; a message is
 * claimed under its person's lock, so one of them gets it.
 */
export class MessageSender {
  readonly #place = Math.random();
  #running: Promise<void> | undefined;
  #stopped = false;
  #rung = false;
  #wake: () => void = () => undefined;

  constructor(private readonly parts: SenderParts) {}

  start(): void {
    this.#running ??= this.#run();
  }

  ring(): void {
    this.#rung = true;
    this.#wake();
  }

  /** Takes no more and finishes what it is sending; a mail server that does not answer by then leaves its mails unknown. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    const patience = new AbortController();
    await Promise.race([this.#running, delay(STOP_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
  }

  /** Longer than an attempt can take, so that a lease which ran out means a sender that is gone. */
  get leaseMs(): number {
    return this.parts.timeoutMs * 2 + 30_000;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#rung = false;
      let pause = POLL_MS;
      try {
        if (await this.#pass()) continue;
      } catch (error) {
        this.parts.failed(error);
        this.#rung = false;
        pause = PAUSE_MS;
      }
      // Every commit of the service rings; one look a moment later serves them all.
      await this.#rest(this.#rung ? GATHER_MS : pause);
    }
  }

  #rest(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        if (ms <= GATHER_MS && !this.#stopped) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** True when there may be more. */
  async #pass(): Promise<boolean> {
    const now = this.parts.clock.now().toISOString();
    const singles = await this.parts.reads.dueMessages('task', now, BATCH);
    const left = this.#turned(singles);
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next && !this.#stopped; next = left.shift()) await this.#deliver([next]);
    };
    await allOf(Array.from({ length: AT_ONCE }, lane));
    const digest = await this.parts.reads.dueMessages('digest', now, DIGEST);
    for (const team of new Set(digest.map((it) => it.team))) if (!this.#stopped) await this.#deliver(digest.filter((it) => it.team === team));
    return singles.length === BATCH || digest.length === DIGEST;
  }

  /** Copies read the same list: each begins at a place of its own, so that they seldom reach for the same message. */
  #turned(due: readonly DueMessage[]): DueMessage[] {
    const from = Math.floor(this.#place * due.length);
    return [...due.slice(from), ...due.slice(0, from)];
  }

  #deliver(messages: readonly DueMessage[]): Promise<void> {
    const span = this.parts.traces && sendSpan(this.parts.traces, messages);
    return during(span, this.#claimAndSend(messages, span));
  }

  async #claimAndSend(messages: readonly DueMessage[], span: TraceSpan | undefined): Promise<void> {
    const claim = randomUUID();
    const patientIds = [...new Set(messages.map((it) => it.patientId))];
    const correlationId = messages.length === 1 ? messages[0]!.correlationId : claim;
    const cause: Cause = { correlationId, causationId: claim, actor: 'service:notification', ...(span === undefined ? {} : { traceparent: span.traceparent }) };
    const claimed = await this.parts.inPatients(patientIds, cause, (tx) => claimMessages({ messages, claim, leaseMs: this.leaseMs }, tx));
    if (claimed.length === 0) return;
    const outcome = await this.#send(claimed, messages[0]!.team);
    this.parts.observe(outcome, claimed.length);
    span?.set({ 'throughline.outcome': outcome.kind });
    await this.#settle(() => this.parts.inPatients([...new Set(claimed.map((it) => it.patientId))], cause, (tx) => settleMessages({ messages: claimed, claim, outcome }, tx)));
  }

  async #send(claimed: readonly Sending[], team: string): Promise<Outcome> {
    const { recipients, from, consoleUrl, mailer, clock } = this.parts;
    const to = recipients.get(team) ?? recipients.get('*');
    if (to === undefined) return { kind: 'refused', why: 'no-address' };
    const { envelopeId, leaseUntil } = claimed[0]!;
    // A process that slept through its lease must not begin now: others have said "unknown" already.
    if (leaseUntil <= clock.now().toISOString()) return { kind: 'not-now', why: 'late' };
    const messageId = `${envelopeId}@${from.slice(from.lastIndexOf('@') + 1)}`;
    return mailer.send({ messageId, to, date: clock.now(), ...emailText(claimed, consoleUrl) });
  }

  async #settle(write: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await write();
      } catch (error) {
        if (tries >= SETTLE_TRIES) throw error;
        this.parts.failed(error);
        await delay(PAUSE_MS);
      }
    }
  }
}
