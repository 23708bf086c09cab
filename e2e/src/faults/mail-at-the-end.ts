import { setTimeout as delay } from 'node:timers/promises';
import { readLedgers } from './ledger-reader.js';
import type { Bench } from './fault.js';
import { mailProblems, messageProblems } from './promises-kept.js';

/** Longer than the lease after which a mail whose sender was killed becomes `unknown`. */
const PATIENCE_MS = 120_000;

/** Every e-mail of the whole run has come to rest, and none was sent twice. */
export const mailsAtTheEnd = async ({ system, smtp }: Bench): Promise<{ line: string; problems: readonly string[] }> => {
  for (const until = Date.now() + PATIENCE_MS; ; await delay(2_000)) {
    const messages = (await readLedgers(system)).notification.filter((line) => line.kind === 'message');
    const problems = [...mailProblems(smtp.received), ...messageProblems(messages, smtp.received)];
    if (problems.length > 0 && Date.now() < until) continue;
    const arrived = new Set(smtp.received.map((mail) => mail.messageId.split('@')[0]));
    const unknownArrived = messages.filter((message) => message.outcome === 'unknown' && arrived.has(message.id)).length;
    const count = (state: string): number => messages.filter((message) => message.outcome === state).length;
    return {
      line: `e-mails of the whole run: ${messages.length} messages, ${count('sent')} sent, ${count('unknown')} unknown (their sender was killed on the way; ${unknownArrived} of them did arrive), ${count('cancelled')} cancelled; ${smtp.received.length} received`,
      problems: problems.map(({ text }) => text),
    };
  }
};
