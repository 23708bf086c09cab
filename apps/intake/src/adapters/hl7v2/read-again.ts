import type { Arrival, Kept } from '../../application/ports.js';
import { arrivalOf } from './answer-frame.js';
import type { ReadInside } from './documents.js';
import { UNKNOWN_HEADER } from './header.js';
import { notFromThem, type SenderRules } from './sender-settings.js';
import { translate } from './translate.js';

/** What a kept message says now. The connection it came over is gone, so nobody's address is asked for. */
export const readAgain =
  (defaultZone: string, rules: SenderRules, readInside?: ReadInside) =>
  ({ raw, receivedAt }: Pick<Kept, 'raw' | 'receivedAt'>): Arrival => {
    const bytes = Buffer.from(raw);
    const read = translate(bytes, { receivedAt, defaultZone, senders: rules.senders, refused: (header) => notFromThem(rules, header, undefined), readInside });
    // Taken for an answer by now: it stays where it is.
    if (read.kind === 'answer') return arrivalOf(bytes, receivedAt, { kind: 'unreadable', header: UNKNOWN_HEADER, reasons: [{ code: 200, where: 'MSH-9', text: 'It is an acknowledgement' }] }, undefined);
    return arrivalOf(bytes, receivedAt, read, undefined);
  };
