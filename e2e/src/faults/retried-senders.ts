import { setTimeout as delay } from 'node:timers/promises';
import { MllpClient, type Acknowledgement } from '@throughline/testing/mllp-client';
import type { System } from '@throughline/testing/system';
import type { SenderJournal } from './sender-journal.js';

const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
/** A silence longer than this counts as no answer, and the message is sent again. */
const ANSWER_MS = 10_000;

/** What a sender gave up on, or what it was told that it should never be told. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure';
}

const pauses = function* (): Generator<number> {
  for (let ms = PAUSE_MS; ; ms = Math.min(ms * 2, LONGEST_PAUSE_MS)) yield ms;
};

const noAnswer = (ms: number): Promise<never> => delay(ms, undefined, { ref: false }).then(() => Promise.reject(new Error(`no answer within ${ms / 1000} s`)));

/**
 * A hospital's interface engine: one connection, one message in flight, every message again until it is answered AA, and
 * every AA on the disk before the next message goes out.
 */
export class PersistentMllp {
  #client: MllpClient | undefined;
  /** Messages sent again: no answer, or "not stored". */
  again = 0;
  /** Of those, answered "not stored". */
  refused = 0;
  /** The longest from a message's first try to its AA. */
  slowestMs = 0;

  /** @param at which of the ports it begins with; the next one is tried when a connection fails */
  constructor(
    private readonly ports: readonly number[],
    private at: number,
    private readonly journal: SenderJournal,
    private readonly giveUpAt: () => number,
  ) {}

  async send(message: string): Promise<void> {
    const controlId = message.split('|')[9] ?? '';
    const begun = performance.now();
    let last = '';
    for (const pause of pauses()) {
      try {
        const answer = await this.#attempt(message);
        if (answer.controlId !== controlId) throw new SendFailure(`message ${controlId} was answered with ${answer.code} for ${answer.controlId}`);
        if (answer.code === 'AA') {
          this.slowestMs = Math.max(this.slowestMs, performance.now() - begun);
          return this.journal.accepted(message);
        }
        last = answer.raw.replaceAll('\r', ' ');
        // AR 207 says "not stored, send it again"; any other refusal of these messages is wrong.
        if (answer.code !== 'AR' || !last.includes('207')) throw new SendFailure(`message ${controlId} was answered ${last}`);
        this.refused += 1;
      } catch (error) {
        if (error instanceof SendFailure) throw error;
        last = error instanceof Error ? error.message : String(error);
        this.close();
        this.at += 1;
      }
      if (Date.now() > this.giveUpAt()) throw new SendFailure(`message ${controlId} was never answered (last: ${last})`);
      this.again += 1;
      await delay(pause);
    }
  }

  close(): void {
    this.#client?.socket.destroy();
    this.#client = undefined;
  }

  async #attempt(message: string): Promise<Acknowledgement> {
    this.#client ??= await MllpClient.connect(this.ports[this.at % this.ports.length]!);
    return Promise.race([this.#client.send(message), noAnswer(ANSWER_MS)]);
  }
}

export interface Received {
  readonly inboundId: string;
  readonly repeat: boolean;
}

/** A system that posts with an idempotency key, and posts the same again until it is told 202. */
export class PersistentRest {
  again = 0;

  constructor(
    private readonly system: System,
    private readonly giveUpAt: () => number,
  ) {}

  async post(path: string, key: string, body: object): Promise<Received> {
    let last = '';
    for (const pause of pauses()) {
      try {
        const answer = await this.system.call<Received>('POST', path, { as: 'sender', body, headers: { 'idempotency-key': key } });
        if (answer.status === 202) return answer.body;
        last = `${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
        // 409: the first try is still under way.
        if (answer.status < 500 && answer.status !== 409 && answer.status !== 429) throw new SendFailure(`POST ${path} was answered ${last}`);
      } catch (error) {
        if (error instanceof SendFailure) throw error;
        last = error instanceof Error ? error.message : String(error);
      }
      if (Date.now() > this.giveUpAt()) throw new SendFailure(`POST ${path} with key ${key} was never answered 202 (last: ${last})`);
      this.again += 1;
      await delay(pause);
    }
    throw new SendFailure('not reached');
  }
}
