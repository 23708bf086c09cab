import { cancelMessage, expireLease } from '../domain/message.js';
import { announceMessage } from './announce-message.js';
import type { MessageRef, Tx } from './ports.js';

/** A planned message's time has come: the sender is woken, because a transaction cannot send. */
export const wakeMessage = async ({ patientId, id }: MessageRef, tx: Tx): Promise<void> => {
  const message = await tx.messages.get(patientId, id);
  if (message?.state !== 'planned' || message.dueAt > tx.now) return;
  // Switched off since it was planned: nobody will ever send it.
  if (tx.email.state === 'off') announceMessage(cancelMessage(message, 'channel-off', tx.now), tx);
  else tx.wakeSender();
};

/** A lease ran out: the sender died between opening the connection and recording the answer. */
export const giveUpLease = async ({ patientId, id }: MessageRef, tx: Tx): Promise<void> => {
  const message = await tx.messages.get(patientId, id);
  announceMessage(message && expireLease(message, tx.now), tx);
};
