import { randomUUID } from 'node:crypto';
import type { Clock } from '@throughline/kernel/clock';
import type { Traces } from '@throughline/platform/telemetry/traces';
import { NotStored, type Arrival, type Receipt, type Receiver } from '../../application/ports.js';
import { acceptCondition, ackCodeFor, acknowledge, COMMIT_CODES, wantsAnswer, type AckCode, type AnyAckCode } from './acknowledgement.js';
import type { Reason } from './er7.js';
import { UNKNOWN_HEADER } from './header.js';
import type { Answer } from './mllp-connection.js';
import type { Frame } from './mllp-frames.js';
import { receiveSpan } from './receive-span.js';
import { notFromThem, type Peer, type SenderRules } from './sender-settings.js';
import { translate, type Translation } from './translate.js';

export interface AnswerParts {
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly defaultZone: string;
  readonly rules: SenderRules;
  /** Absent: no traces. */
  readonly traces?: Traces | undefined;
  /** Ids and codes only. */
  readonly told: (line: { readonly tookMs: number; readonly answer: AckCode | 'none' | 'not-stored'; readonly trigger?: string; readonly reasons?: readonly number[] } & Partial<Omit<Receipt, 'answer'>>, error?: unknown) => void;
}

const TOO_LARGE: Reason = { code: 207, text: 'The message is too large and was not stored' };
const NOT_STORED: Reason = { code: 207, text: 'The message could not be stored; send it again' };

/** A message as it is handed on: with our words for it, or with why there are none. */
export const arrivalOf = (raw: Buffer, receivedAt: string, read: Exclude<Translation, { kind: 'answer' }>, traceparent: string | undefined): Arrival => ({
  protocol: 'hl7v2',
  raw,
  ...read.header,
  receivedAt,
  traceparent,
  content: read.kind === 'readable' ? { said: read.said } : { answer: ackCodeFor(read.reasons) as 'AE' | 'AR', reasons: read.reasons },
});

const NOT_UNDERSTOOD: Reason = { code: 207, text: 'The message is kept and could not be read here; the receiver has to look at it' };

/** A defect in our reading is not the sender's affair: the message is kept, and read again when that is mended. */
const understood = (read: () => Translation): Translation => {
  try {
    return read();
  } catch {
    return { kind: 'unreadable', header: UNKNOWN_HEADER, reasons: [NOT_UNDERSTOOD] };
  }
};

/**
 * Frame -> acknowledgement. AA: durable and readable. AE, AR: durable in quarantine with the reason. AR 207: not stored.
 * An acknowledgement that arrives as a message gets none.
 */
export const answerFrames = ({ receiver, clock, defaultZone, rules, traces, told }: AnswerParts): Answer => {
  const { senders } = rules;
  const ack = (input: Buffer, code: AnyAckCode, reasons: readonly Reason[], now: Date): Buffer =>
    acknowledge(input, { code, reasons }, { id: randomUUID().replaceAll('-', '').slice(0, 20), now });

  /** In the sender's mode: in the enhanced one MSH-15 says which answers it wants. */
  const reply = (input: Buffer, sender: string, code: AckCode, reasons: readonly Reason[], now: Date): Buffer | undefined => {
    if (senders[sender]?.acknowledge !== 'enhanced') return ack(input, code, reasons, now);
    return wantsAnswer(acceptCondition(input), code) ? ack(input, COMMIT_CODES[code], reasons, now) : undefined;
  };

  return async (frame: Frame, peer: Peer) => {
    const now = clock.now();
    const began = performance.now();
    const span = traces && receiveSpan(traces);
    if (frame.kind === 'oversized') {
      told({ tookMs: 0, answer: 'not-stored', reasons: [TOO_LARGE.code] });
      span?.end({ answer: 'not-stored' });
      return ack(frame.head, 'AR', [TOO_LARGE], now);
    }
    const receivedAt = now.toISOString();
    const read = understood(() => translate(frame.bytes, { receivedAt, defaultZone, senders, refused: (header) => notFromThem(rules, header, peer) }));
    if (read.kind === 'answer') {
      told({ tookMs: 0, answer: 'none' });
      span?.end({ answer: 'none' });
      return undefined;
    }
    const { header } = read;
    const { trigger } = header;
    const reasons = read.kind === 'unreadable' ? read.reasons : [];
    try {
      const receipt = await receiver.receive(arrivalOf(frame.bytes, receivedAt, read, span?.traceparent));
      told({ tookMs: performance.now() - began, ...receipt, trigger, reasons: reasons.map((one) => one.code) });
      span?.end({ header, ...receipt });
      return reply(frame.bytes, header.sender, receipt.answer, receipt.answer === 'AA' ? [] : reasons, now);
    } catch (error) {
      const cause = error instanceof NotStored ? error.cause : error;
      told({ tookMs: performance.now() - began, answer: 'not-stored', trigger, reasons: [NOT_STORED.code] }, cause);
      span?.end({ header, answer: 'not-stored' }, cause);
      return reply(frame.bytes, header.sender, 'AR', [NOT_STORED], now);
    }
  };
};
