import type { OnApplicationShutdown, OnModuleInit, Provider } from '@nestjs/common';
import { inTransaction } from '@throughline/platform/persistence/database';
import type { ServiceRuntime } from '@throughline/platform/service/runtime';
import type { IntakeTx } from '../../application/ports.js';
import { SENDER_READS, SENDER_RULES, type SenderRules } from '../../application/sender-reads.js';
import { SenderCounting } from './sender-counting.js';
import { observeSenders } from './sender-gauges.js';
import { PostgresSenderReads } from './sender-reads.js';

/** Counts while the service works, and not before: an older copy of the database is counted when it has caught up. */
class SendersCounted implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly counting: SenderCounting,
    private readonly whenOpen: Promise<void>,
  ) {}

  onModuleInit(): void {
    void this.whenOpen.then(() => this.counting.start());
  }

  onApplicationShutdown(): Promise<void> {
    return this.counting.stop();
  }
}

/** @param named senders that the settings know */
export const senderProviders = (runtime: ServiceRuntime<'intake', IntakeTx>, named: readonly string[], rules: SenderRules): Provider[] => {
  const { dataSource, clock, logger, metrics, whenOpen } = runtime;
  const reads = new PostgresSenderReads(runtime.read);
  const counting = new SenderCounting({ inTransaction: (work) => inTransaction(dataSource, work), clock, logger });
  observeSenders(metrics, reads, named, rules, () => counting.failing);
  return [
    { provide: SENDER_READS, useValue: reads },
    { provide: SENDER_RULES, useValue: rules },
    { provide: SendersCounted, useFactory: () => new SendersCounted(counting, whenOpen) },
  ];
};
