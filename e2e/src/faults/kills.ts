import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import type { SmtpPeer } from '@throughline/testing/smtp-peer';
import type { Fault } from './fault.js';
import { flush, kill, restart } from './strikes.js';

/** How long a killed part stays away: longer than a sender's first few tries, shorter than its patience. */
const DOWN_MS = 3_000;

type Moment = (smtp: SmtpPeer) => Promise<void>;
const atOnce: Moment = () => Promise.resolve();

/** A mail server has taken a mail, and has not said so: what the sender can never know once it is dead. */
const betweenMailAndAnswer: Moment = async (smtp) => {
  for (const until = Date.now() + 10_000; smtp.unanswered() === 0 && Date.now() < until; await delay(1));
};

const killed = (part: string, moment = atOnce): Fault['strike'] => async ({ system, smtp }) => {
  const count = await kill(system, part, () => moment(smtp));
  await delay(DOWN_MS);
  const from = Date.now();
  await restart(system, part);
  return { from, what: count === 1 ? 'killed' : `killed (${count} processes)` };
};

const allServices: Fault['strike'] = async ({ system }) => {
  await Promise.all(SERVICES.map((service) => kill(system, service)));
  await delay(DOWN_MS);
  const from = Date.now();
  await Promise.all(SERVICES.map((service) => restart(system, service)));
  return { from, what: `killed (${SERVICES.length} processes)` };
};

const stand = 'one copy each';

/** Every part of the stack, killed with -9. */
export const kills: readonly Fault[] = [
  ...SERVICES.map((service): Fault => ({ stand, name: `kill -9 ${service}`, strike: killed(service, service === 'notification' ? betweenMailAndAnswer : atOnce) })),
  { stand, name: 'kill -9 front', strike: killed('front') },
  { stand, name: 'kill -9 all five services', strike: allServices },
  { stand, name: 'kill -9 kafka', strike: killed('kafka') },
  { stand, name: 'kill -9 postgres', strike: killed('postgres') },
  { stand, name: 'kill -9 redis', strike: killed('redis'), fallsDue: true },
  { stand, name: 'flush redis', strike: async ({ system }) => ({ what: `${await flush(system)} delayed jobs flushed`, from: Date.now() }), fallsDue: true },
];
