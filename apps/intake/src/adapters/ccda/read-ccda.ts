import type { Arrival, Kept } from '../../application/ports.js';
import { translateCcda, type CcdaContext, type CcdaTranslation } from './translate-ccda.js';

const NOT_UNDERSTOOD = { code: 207, text: 'The document is kept and could not be read here; the receiver has to look at it' };

/** A defect in our reading is not the sender's affair: the document is kept, and read again when that is mended. */
const understood = (xml: Buffer, context: CcdaContext): CcdaTranslation => {
  try {
    return translateCcda(xml, context);
  } catch {
    return { kind: 'unreadable', header: { sender: context.sender, controlId: '', trigger: '' }, reasons: [NOT_UNDERSTOOD] };
  }
};

/** A document as it was kept -> our words, or why there are none. */
export const readCcda =
  (settings: Pick<CcdaContext, 'defaultZone' | 'senders'>) =>
  ({ raw, receivedAt, sender }: Omit<Kept, 'protocol'>): Arrival => {
    const read = understood(Buffer.from(raw), { ...settings, receivedAt, sender });
    const answer = read.kind === 'unreadable' && read.reasons.some(({ code }) => code >= 200) ? 'AR' : 'AE';
    return { protocol: 'ccda', raw, ...read.header, receivedAt, content: read.kind === 'readable' ? { said: read.said } : { answer, reasons: read.reasons } };
  };
