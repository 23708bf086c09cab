import { Complaint } from '../home/home.js';
import type { Journal } from './journal.js';
import { Broken, MllpConnection, Unanswered } from './mllp-connection.js';
import type { OutgoingMessage } from './read-messages.js';

export interface SendOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** How long one answer may take. */
  readonly timeoutMs: number;
  /** How long a message is tried again on broken connections before it counts as unanswered. */
  readonly persistMs: number;
  readonly journal?: Journal;
  /** One line for each negative or odd answer, and for what stayed unanswered. */
  readonly say: (line: string) => void;
  /** Called after every message. */
  readonly progress?: (sent: number, of: number) => void;
}

export interface Tally {
  sent: number;
  AA: number;
  AE: number;
  AR: number;
  other: number;
  unanswered: number;
}

type Answer = 'AA' | 'AE' | 'AR' | 'other';

/** MSA-1 of enhanced mode says the same of safe custody: CA, CE, CR. */
const MEANING: Readonly<Record<string, Answer>> = { AA: 'AA', CA: 'AA', AE: 'AE', CE: 'AE', AR: 'AR', CR: 'AR' };

interface Reading {
  readonly answer: Answer;
  readonly text: string;
}

/** What an acknowledgement says of the message with this control id. One that names another message says nothing of it. */
export const readAnswer = (acknowledgement: Buffer, controlId: string): Reading => {
  const lines = acknowledgement.toString('latin1').split(/[\r\n]+/);
  const separator = lines[0]?.startsWith('MSH') ? lines[0].charAt(3) : '|';
  const msa = lines.find((line) => line.startsWith('MSA'))?.split(separator);
  if (!msa) return { answer: 'other', text: 'the answer has no MSA segment' };
  const errors = lines.filter((line) => line.startsWith('ERR')).map((line) => line.split(separator).slice(1).filter(Boolean).join(' '));
  const text = [msa[1], msa[3], ...errors].filter(Boolean).join(' ');
  if ((msa[2] ?? '').trim() !== controlId) return { answer: 'other', text: `the answer is for ${msa[2] || 'no message'}: ${text}` };
  return { answer: MEANING[(msa[1] ?? '').trim().toUpperCase()] ?? 'other', text };
};

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Messages of one lane go over one connection, in order; lanes are dealt out evenly. */
const deal = (messages: readonly OutgoingMessage[], connections: number): OutgoingMessage[][] => {
  const queues: OutgoingMessage[][] = Array.from({ length: connections }, () => []);
  const queueOf = new Map<string, OutgoingMessage[]>();
  for (const message of messages) {
    const shortest = queues.reduce((best, queue) => (queue.length < best.length ? queue : best));
    const queue = (message.lane !== '' && queueOf.get(message.lane)) || shortest;
    queueOf.set(message.lane, queue);
    queue.push(message);
  }
  return queues.filter((queue) => queue.length > 0);
};

/** Sends one message until it is answered, or its time is up. */
const deliver = async (connection: MllpConnection, message: OutgoingMessage, options: SendOptions): Promise<Reading | Unanswered> => {
  const giveUp = performance.now() + options.persistMs;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2_000)) {
    try {
      return readAnswer(await connection.send(message.bytes), message.controlId);
    } catch (error) {
      if (error instanceof Unanswered) return error;
      if (!(error instanceof Broken)) throw error;
      if (!connection.everOpened) throw new Complaint(`Nothing answers MLLP at ${options.host}:${options.port} (${error.message}). Is Throughline running there? Choose with --host and --port.`);
      if (performance.now() > giveUp) return new Unanswered(error.message);
      await pause(wait);
    }
  }
};

/** Sends all messages and counts their answers. Throws a {@link Complaint} when nothing was ever listening. */
export const send = async (messages: readonly OutgoingMessage[], options: SendOptions): Promise<Tally> => {
  const tally: Tally = { sent: 0, AA: 0, AE: 0, AR: 0, other: 0, unanswered: 0 };
  const settle = (message: OutgoingMessage, outcome: Reading | Unanswered): void => {
    const name = `${message.controlId || '(no control id)'} (${message.from})`;
    tally.sent += 1;
    if (outcome instanceof Unanswered) {
      tally.unanswered += 1;
      options.say(`unanswered ${name}: ${outcome.message}`);
    } else {
      tally[outcome.answer] += 1;
      if (outcome.answer === 'AA') options.journal?.write({ controlId: message.controlId, sender: message.sender, hash: message.hash, at: new Date().toISOString() });
      else options.say(`${outcome.answer} ${name}: ${outcome.text}`);
    }
    options.progress?.(tally.sent, messages.length);
  };
  await Promise.all(
    deal(messages, Math.max(1, options.connections)).map(async (queue) => {
      const connection = new MllpConnection(options.host, options.port, options.timeoutMs);
      try {
        for (const message of queue) settle(message, await deliver(connection, message, options));
      } finally {
        connection.close();
      }
    }),
  );
  return tally;
};

export const tallyLine = (tally: Tally): string => `sent ${tally.sent}, AA ${tally.AA}, AE ${tally.AE}, AR ${tally.AR}, other ${tally.other}, unanswered ${tally.unanswered}`;
