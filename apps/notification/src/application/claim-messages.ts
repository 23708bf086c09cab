import { idOf } from '@throughline/kernel/ids';
import { claimMessage, type Sending } from '../domain/message.js';
import { announceMessage } from './announce-message.js';
import type { MessageRef, Tx } from './ports.js';

export interface ClaimMessages {
  /** One message, or the digest's. */
  readonly messages: readonly MessageRef[];
  /** Names this attempt. */
  readonly claim: string;
  /** Longer than an attempt can take. */
  readonly leaseMs: number;
}

/** First half of sending: what nobody cancelled is `sending` once this commits. Answers what has to be sent now. */
export const claimMessages = async ({ messages, claim, leaseMs }: ClaimMessages, tx: Tx): Promise<readonly Sending[]> => {
  const ids = messages.map((it) => it.id).sort();
  const envelopeId = ids.length === 1 ? ids[0]! : idOf('envelope', ...ids);
  const claimed: Sending[] = [];
  for (const { patientId, id } of messages) {
    const current = await tx.messages.get(patientId, id);
    const taken = current && claimMessage(current, { claim, envelopeId, leaseMs }, tx.now);
    announceMessage(taken, tx);
    if (taken?.state === 'sending') claimed.push(taken);
  }
  return claimed;
};
