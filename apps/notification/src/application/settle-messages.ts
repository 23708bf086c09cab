import { settleMessage, type Outcome } from '../domain/message.js';
import { announceMessage } from './announce-message.js';
import type { MessageRef, Tx } from './ports.js';

export interface SettleMessages {
  readonly messages: readonly MessageRef[];
  readonly claim: string;
  readonly outcome: Outcome;
}

/** Second half of sending: what the mail server said. */
export const settleMessages = async ({ messages, claim, outcome }: SettleMessages, tx: Tx): Promise<void> => {
  for (const { patientId, id } of messages) {
    const current = await tx.messages.get(patientId, id);
    announceMessage(current && settleMessage(current, claim, outcome, tx.now), tx);
  }
};
