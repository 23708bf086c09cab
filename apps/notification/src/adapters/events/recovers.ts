import type { Recovers } from '@throughline/platform/recovery/recovers';
import type { Tx } from '../../application/ports.js';
import { restoreMessage } from '../../application/restore-message.js';

/** The notices are a log: each piece of news makes one. Mails that were settled come first, so that none is sent twice. */
export const recovers: Recovers<'notification', Tx> = {
  restores: { 'care.message.settled.v1': restoreMessage },
  passesOver: [],
};
