import { setTimeout as delay } from 'node:timers/promises';
import type { SmtpPeer } from '@throughline/testing/smtp-peer';
import type { System } from '@throughline/testing/system';
import { flush, kill, restart } from './strikes.js';

/** How long a killed part stays away: longer than a sender's first few tries, shorter than its patience. */
const DOWN_MS = 3_000;

export interface Struck {
  /** When the part was asked to come back, or the damage was done: recovery counts from here (epoch ms). */
  readonly from: number;
  /** What was done, in a few words. */
  readonly what: string;
}

export interface Fault {
  readonly name: string;
  /** Does the damage and has the part started again. */
  readonly strike: (system: System, smtp: SmtpPeer) => Promise<Struck>;
  /** Tasks fall due in the story: what the alarm clock loses must still happen. */
  readonly fallsDue?: boolean;
}

type Moment = (smtp: SmtpPeer) => Promise<void>;
const atOnce: Moment = () => Promise.resolve();

/** A mail server has taken a mail, and has not said so: what the sender can never know once it is dead. */
const betweenMailAndAnswer: Moment = async (smtp) => {
  for (const until = Date.now() + 10_000; smtp.unanswered() === 0 && Date.now() < until; await delay(1));
};

const killed = (part: string, moment = atOnce): Fault['strike'] => async (system, smtp) => {
  const count = await kill(system, part, () => moment(smtp));
  await delay(DOWN_MS);
  const from = Date.now();
  await restart(system, part);
  return { from, what: count === 1 ? 'killed' : `killed (${count} processes)` };
};

const SERVICES = ['intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification'];

const allServices: Fault['strike'] = async (system) => {
  await Promise.all(SERVICES.map((service) => kill(system, service)));
  await delay(DOWN_MS);
  const from = Date.now();
  await Promise.all(SERVICES.map((service) => restart(system, service)));
  return { from, what: `killed (${SERVICES.length} processes)` };
};

export const faults: readonly Fault[] = [
  ...SERVICES.map((service): Fault => ({ name: `kill -9 ${service}`, strike: killed(service, service === 'notification' ? betweenMailAndAnswer : atOnce) })),
  { name: 'kill -9 front', strike: killed('front') },
  { name: 'kill -9 all five services', strike: allServices },
  { name: 'kill -9 kafka', strike: killed('kafka') },
  { name: 'kill -9 postgres', strike: killed('postgres') },
  { name: 'kill -9 redis', strike: killed('redis'), fallsDue: true },
  { name: 'flush redis', strike: async (system) => ({ what: `${await flush(system)} delayed jobs flushed`, from: Date.now() }), fallsDue: true },
];
