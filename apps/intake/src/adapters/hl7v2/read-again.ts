import type { ReadAgain } from '../../application/ports.js';
import { arrivalOf } from './answer-frame.js';
import { UNKNOWN_HEADER } from './header.js';
import { notFromThem, type SenderRules } from './sender-settings.js';
import { translate } from './translate.js';

/** Only what came over MLLP is ever in quarantine: a request that cannot be read is answered with an error, and not kept. */
export const readAgain =
  (defaultZone: string, rules: SenderRules): ReadAgain =>
  (raw, receivedAt) => {
    const bytes = Buffer.from(raw);
    const read = translate(bytes, { receivedAt, defaultZone, senders: rules.senders, refused: (header) => notFromThem(rules, header, undefined) });
    // Taken for an answer by now: it stays where it is.
    if (read.kind === 'answer') return arrivalOf(bytes, receivedAt, { kind: 'unreadable', header: UNKNOWN_HEADER, reasons: [{ code: 200, where: 'MSH-9', text: 'It is an acknowledgement' }] }, undefined);
    return arrivalOf(bytes, receivedAt, read, undefined);
  };
