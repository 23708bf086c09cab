import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { hl7Time } from '@throughline/testing/hl7-builder';
import { MllpClient, mllpFrame } from '@throughline/testing/mllp-client';
import type { System } from '@throughline/testing/system';
import { Stay } from '../stories/ward.js';
import type { Promised } from './discharge-stream.js';
import type { Bench, Fault } from './fault.js';

const DISORDERLY = 24;
const REPEATS = 3;
const QUEUED_STAYS = 600;
const QUEUE_DISCHARGES = 5;
const HALF_OPEN = 40;
const SLOW_READERS = 10;
/** Intake cuts off a frame that pauses for 10 s (see `stands.ts`). */
const STALL_MS = 25_000;

const shuffled = <T>(items: readonly T[]): T[] => {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!);
};

interface Story {
  readonly promised: Promised;
  readonly messages: readonly string[];
}

const storyOf = (system: System, n: number, name: string): Story => {
  const cancelled = n % 4 === 3;
  const stay = new Stay(system, 1 + (n % 20));
  const discharge = stay.message('A03');
  const messages = [stay.message('A01'), stay.message('A08', { recordedAt: hl7Time(new Date(stay.leftAt.getTime() - 3_600_000)) }), discharge];
  return {
    promised: { name: `${stay.mrn} (${name})`, controlId: discharge.split('|')[9]!, cancelled, medicines: [] },
    messages: cancelled ? [...messages, stay.message('A13', { recordedAt: hl7Time(new Date()) })] : messages,
  };
};

const acknowledged = async (client: MllpClient, { journal }: Bench, message: string): Promise<void> => {
  const answer = await client.send(message);
  if (answer.code !== 'AA') throw new Error(`message ${message.split('|')[9]} was answered ${answer.raw.replaceAll('\r', ' ')}`);
  journal.accepted(message);
};

/** Admissions after discharges, everything several times over several connections, the same at the same moment, hours late. */
const disorder = async (bench: Bench): ReturnType<Fault['strike']> => {
  const { system } = bench;
  const clients = await Promise.all(Array.from({ length: 4 }, () => MllpClient.connect(system.mllpPort)));
  const stories = Array.from({ length: DISORDERLY }, (_, n) => storyOf(system, n, 'disorderly'));
  let sent = 0;
  try {
    await Promise.all(
      stories.map(async ({ messages, promised }, n) => {
        // What is cancelled has to have been said before: the other way round is another story.
        const [cancel] = promised.cancelled ? messages.slice(-1) : [];
        const first = shuffled(messages.filter((message) => message !== cancel));
        const once = async (message: string): Promise<void> => {
          await Promise.all(shuffled(clients).slice(0, REPEATS).map((client) => acknowledged(client, bench, message)));
          sent += REPEATS;
        };
        for (const message of first) {
          await delay(Math.random() * 500);
          await once(message);
        }
        if (cancel === undefined) return;
        await once(cancel);
        // The discharge again, long after its end: a repeat moves nothing.
        await once(messages[n % 2 === 0 ? 2 : 0]!);
      }),
    );
  } finally {
    for (const client of clients) client.socket.destroy();
  }
  return { from: Date.now(), what: `${sent} messages of ${DISORDERLY} stays in any order, each ${REPEATS} times over several connections`, promised: stories.map((one) => one.promised) };
};

/** Eight hours of a hospital, all at once on one connection. */
const queue = async (bench: Bench): Promise<{ promised: readonly Promised[]; messages: number; seconds: number }> => {
  const { system, journal } = bench;
  const stories = Array.from({ length: QUEUED_STAYS }, (_, n): Story => {
    if (n % QUEUE_DISCHARGES === 0) return storyOf(system, n / QUEUE_DISCHARGES, 'queued');
    const stay = new Stay(system, 1);
    return { promised: { name: stay.mrn, cancelled: false, medicines: [] }, messages: [stay.message('A01'), stay.message('A08'), stay.message('A08', { location: 'ICU' })] };
  });
  const messages = stories.flatMap((story) => story.messages);
  const client = await MllpClient.connect(system.mllpPort);
  const begun = Date.now();
  try {
    const answers = messages.map(() => client.answer());
    client.write(Buffer.concat(messages.map((message) => mllpFrame(message))));
    for (const [n, waiting] of answers.entries()) {
      const answer = await waiting;
      if (answer.code !== 'AA' || answer.controlId !== messages[n]!.split('|')[9]) throw new Error(`message ${n} of the queue was answered ${answer.code} for ${answer.controlId}`);
      journal.accepted(messages[n]!);
    }
  } finally {
    client.socket.destroy();
  }
  return { promised: stories.map((one) => one.promised).filter(({ controlId }) => controlId !== undefined), messages: messages.length, seconds: (Date.now() - begun) / 1000 };
};

const opened = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await new Promise<void>((done, fail) => socket.once('connect', done).once('error', fail));
  return socket;
};

/** Half a message, and then nothing, or a broken connection. Answers how many were cut off. */
const halfOpen = async (system: System): Promise<number> => {
  const sockets = await Promise.all(Array.from({ length: HALF_OPEN }, () => opened(system.mllpPort)));
  const half = mllpFrame(new Stay(system).message('A01')).subarray(0, 100);
  for (const socket of sockets) socket.write(half);
  await delay(500);
  for (const socket of sockets.slice(0, HALF_OPEN / 2)) socket.resetAndDestroy();
  const waiting = sockets.slice(HALF_OPEN / 2);
  const cut = waiting.map((socket) => new Promise<boolean>((done) => socket.resume().once('close', () => done(true))));
  const late = delay(STALL_MS, false, { ref: false });
  const over = await Promise.all(cut.map((one) => Promise.race([one, late])));
  for (const socket of waiting) socket.destroy();
  return over.filter(Boolean).length;
};

/** Many messages at once, of whose answers they read a byte a second. */
const slowReaders = async (system: System, until: Promise<unknown>): Promise<void> => {
  const sockets = await Promise.all(Array.from({ length: SLOW_READERS }, () => opened(system.mllpPort)));
  for (const socket of sockets) {
    socket.pause();
    const stay = new Stay(system);
    socket.write(Buffer.concat(Array.from({ length: 20 }, () => mllpFrame(stay.message('A08')))));
  }
  const reading = setInterval(() => sockets.forEach((socket) => void socket.read(1)), 1_000);
  await until;
  clearInterval(reading);
  for (const socket of sockets) socket.destroy();
};

const trouble = async (bench: Bench): ReturnType<Fault['strike']> => {
  const { system } = bench;
  const work = Promise.all([queue(bench), halfOpen(system)]);
  const [[queued, cut]] = await Promise.all([work, slowReaders(system, work.catch(() => undefined))]);
  return {
    from: Date.now(),
    what: `${queued.messages} messages at once on one connection answered in ${queued.seconds.toFixed(1)} s; ${HALF_OPEN} half messages (${cut} of the ${HALF_OPEN / 2} silent ones cut off); ${SLOW_READERS} slow readers`,
    promised: queued.promised,
    problems: cut === HALF_OPEN / 2 ? [] : [`only ${cut} of ${HALF_OPEN / 2} connections with half a message were cut off`],
  };
};

const stand = 'one copy each';

export const mllpSenders: readonly Fault[] = [
  { stand, name: 'MLLP: repeats, disorder, delay', strike: disorder, senders: 'undisturbed' },
  { stand, name: 'MLLP: a queue of hours, half messages, slow readers', strike: trouble, senders: 'undisturbed' },
];
