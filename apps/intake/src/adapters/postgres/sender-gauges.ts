import type { Metrics } from '@throughline/platform/telemetry/metrics';
import { senderState, type SenderReads, type SenderRules } from '../../application/sender-reads.js';

/** Each is some time series: more senders than this have to be asked for by name (`THROUGHLINE_SENDERS`). */
const MOST = 200;

/**
 * Shows senders at every scrape. Only those that have sent for a week, or that the settings name, become a label: what a
 * broken message says in its sender's place does not come back day after day.
 * @param failing the figures stand still: that is a reading that failed, which has an alert of its own
 */
export const observeSenders = (metrics: Metrics, reads: SenderReads, named: readonly string[], rules: SenderRules, failing: () => boolean): void =>
  metrics.onScrape(async () => {
    if (failing()) throw new Error('senders could not be counted');
    const { at, senders } = await reads.watched(named, MOST);
    for (const gauge of [metrics.senderAgeSeconds, metrics.senderSilent, metrics.senderMessages]) gauge.reset();
    if (at === null) return;
    for (const one of senders) {
      const { sender, lastAt, messages } = one;
      metrics.senderAgeSeconds.set({ sender }, Math.max(0, at.getTime() - lastAt.getTime()) / 1_000);
      metrics.senderSilent.set({ sender }, senderState(one, at, rules) === 'silent' ? 1 : 0);
      for (const answer of ['AA', 'AE', 'AR'] as const) metrics.senderMessages.set({ sender, answer }, messages[answer]);
    }
  });
