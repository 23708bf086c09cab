import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Bell } from '@throughline/platform/runner/bell';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import type { Reads, Tx } from '../../application/ports.js';
import type { Outcome } from '../../domain/message.js';
import { MessageSender } from './message-sender.js';
import { smtpMailer } from './smtp-mailer.js';

export interface EmailChannelConfig {
  readonly url: string;
  readonly from: string;
  readonly recipients: ReadonlyMap<string, string>;
  readonly timeoutMs: number;
  readonly consoleUrl: string;
}

const STATES = { accepted: 'sent', refused: 'failed', 'not-now': 'delayed', unknown: 'unknown' } as const satisfies Record<Outcome['kind'], string>;

/** The sender's life within the service: begins with it, is woken by its bells, ends before its connections do. */
export class EmailChannel implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #sender: MessageSender;
  #deaf: readonly (() => void)[] = [];
  #trouble: string | undefined;

  constructor(
    private readonly runtime: ServiceRuntime<'notification', Tx>,
    reads: Reads,
    private readonly knock: Bell,
    config: EmailChannelConfig,
  ) {
    // From 0 on: an alert on a rise does not see the step with which a series begins.
    for (const state of Object.values(STATES)) runtime.metrics.notifications.inc({ state }, 0);
    this.#sender = new MessageSender({
      ...config,
      inPatients: (patientIds, cause, work) => runtime.inPatients(patientIds, cause, work),
      reads,
      mailer: smtpMailer(config),
      clock: runtime.clock,
      traces: runtime.traces,
      observe: (outcome, messages) => this.#observe(outcome, messages),
      failed: (error) => runtime.logger.warn({ err: error }, 'the e-mail sender could not reach its rows; it tries again'),
    });
    runtime.health.degraded('smtp', () => this.#trouble ?? null);
  }

  onApplicationBootstrap(): void {
    const ring = (): void => this.#sender.ring();
    this.#deaf = [this.runtime.bell.listen(ring), this.knock.listen(ring)];
    // A mail that is planned in an older copy of the database may have been sent since.
    void this.runtime.whenOpen.then(() => this.#sender.start());
  }

  async onModuleDestroy(): Promise<void> {
    for (const stop of this.#deaf) stop();
    await this.#sender.stop();
  }

  #observe(outcome: Outcome, messages: number): void {
    this.#trouble = outcome.kind === 'not-now' ? `e-mail is delayed: ${outcome.why}` : undefined;
    this.runtime.metrics.notifications.inc({ state: STATES[outcome.kind] }, messages);
    this.runtime.logger.info({ outcome: STATES[outcome.kind], messages, ...('why' in outcome ? { why: outcome.why } : {}) }, 'e-mail');
  }
}
