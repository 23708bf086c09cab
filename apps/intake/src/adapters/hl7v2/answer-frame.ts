import { randomUUID } from 'node:crypto';
import type { Clock } from '@throughline/kernel/clock';
import type { Traces } from '@throughline/platform/telemetry/traces';
import { NotStored, type Arrival, type Receipt, type Receiver } from '../../application/ports.js';
import { acceptCondition, ackCodeFor, acknowledge, COMMIT_CODES, wantsAnswer, type AckCode, type AnyAckCode } from './acknowledgement.js';
import { batchAnswer, batchIn, type Batch, type BatchedMessage } from './batch.js';
import type { ReadInside } from './documents.js';
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
  readonly readInside?: ReadInside | undefined;
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

const CUT: Reason = { code: 100, where: 'BTS', text: 'The batch ends in this message, which may not be whole; send it again with BTS (or FTS) behind it' };
const NOT_UNDERSTOOD: Reason = { code: 207, text: 'The message is kept and could not be read here; the receiver has to look at it' };

/** They share a transaction, and are handed in, and so logged, in their order. */
const MOST_AT_ONCE = 50;

/** A defect in our reading is not the sender's affair: the message is kept, and read again when that is mended. */
const understood = (read: () => Translation): Translation => {
  try {
    return read();
  } catch {
    return { kind: 'unreadable', header: UNKNOWN_HEADER, reasons: [NOT_UNDERSTOOD] };
  }
};

interface Answered {
  readonly stored: boolean;
  readonly reply?: Buffer | undefined;
}

/**
 * Frame -> acknowledgement. AA: durable and readable. AE, AR: durable in quarantine with the reason. AR 207: not stored.
 * An acknowledgement that arrives as a message gets none. Each message of a batch is received by itself, and all are answered together.
 */
export const answerFrames = ({ receiver, clock, defaultZone, rules, readInside, traces, told }: AnswerParts): Answer => {
  const { senders } = rules;
  const newId = (): string => randomUUID().replaceAll('-', '').slice(0, 20);
  const ack = (input: Buffer, code: AnyAckCode, reasons: readonly Reason[], now: Date): Buffer => acknowledge(input, { code, reasons }, { id: newId(), now });

  /** In the sender's mode: in the enhanced one MSH-15 says which answers it wants. */
  const reply = (input: Buffer, sender: string, code: AckCode, reasons: readonly Reason[], now: Date): Buffer | undefined => {
    if (senders[sender]?.acknowledge !== 'enhanced') return ack(input, code, reasons, now);
    return wantsAnswer(acceptCondition(input), code) ? ack(input, COMMIT_CODES[code], reasons, now) : undefined;
  };

  const read = (bytes: Buffer, peer: Peer, now: Date): Translation =>
    understood(() => translate(bytes, { receivedAt: now.toISOString(), defaultZone, senders, refused: (header) => notFromThem(rules, header, peer), readInside }));

  const message = async ({ bytes, cut }: BatchedMessage, peer: Peer, now: Date): Promise<Answered> => {
    const began = performance.now();
    const span = traces && receiveSpan(traces);
    const found = read(bytes, peer, now);
    if (found.kind === 'answer') {
      told({ tookMs: 0, answer: 'none' });
      span?.end({ answer: 'none' });
      return { stored: true };
    }
    const { header } = found;
    const reasons = [...(found.kind === 'unreadable' ? found.reasons : []), ...(cut ? [CUT] : [])];
    try {
      const receipt = await receiver.receive(arrivalOf(bytes, now.toISOString(), cut ? { kind: 'unreadable', header, reasons } : found, span?.traceparent));
      told({ tookMs: performance.now() - began, ...receipt, trigger: header.trigger, reasons: reasons.map((one) => one.code) });
      span?.end({ header, ...receipt });
      return { stored: true, reply: reply(bytes, header.sender, receipt.answer, receipt.answer === 'AA' ? [] : reasons, now) };
    } catch (error) {
      const cause = error instanceof NotStored ? error.cause : error;
      told({ tookMs: performance.now() - began, answer: 'not-stored', trigger: header.trigger, reasons: [NOT_STORED.code] }, cause);
      span?.end({ header, answer: 'not-stored' }, cause);
      return { stored: false, reply: reply(bytes, header.sender, 'AR', [NOT_STORED], now) };
    }
  };

  const notStored = (bytes: Buffer, peer: Peer, now: Date): Buffer | undefined => {
    const found = read(bytes, peer, now);
    return found.kind === 'answer' ? undefined : reply(bytes, found.header.sender, 'AR', [NOT_STORED], now);
  };

  /** Where one could not be stored all are to come again: the sender need not know which, and a repeat does no harm. */
  const batch = async ({ header, messages }: Batch, peer: Peer, now: Date): Promise<Buffer | undefined> => {
    const answers: (Buffer | undefined)[] = [];
    let stored = true;
    for (let from = 0; from < messages.length && stored; from += MOST_AT_ONCE) {
      const answered = await Promise.all(messages.slice(from, from + MOST_AT_ONCE).map((one) => message(one, peer, now)));
      answers.push(...answered.map((one) => one.reply));
      stored = answered.every((one) => one.stored);
    }
    const replies = (stored ? answers : messages.map(({ bytes }) => notStored(bytes, peer, now))).filter((one) => one !== undefined);
    return replies.length === 0 ? undefined : batchAnswer(header, replies, { id: newId(), now });
  };

  return async (frame: Frame, peer: Peer) => {
    const now = clock.now();
    if (frame.kind === 'oversized') {
      told({ tookMs: 0, answer: 'not-stored', reasons: [TOO_LARGE.code] });
      (traces && receiveSpan(traces))?.end({ answer: 'not-stored' });
      return ack(frame.head, 'AR', [TOO_LARGE], now);
    }
    const several = batchIn(frame.bytes);
    return several ? batch(several, peer, now) : (await message({ bytes: frame.bytes, cut: false }, peer, now)).reply;
  };
};
