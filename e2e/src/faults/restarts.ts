import { setTimeout as delay } from 'node:timers/promises';
import type { System } from '@throughline/testing/system';
import { eventually } from '@throughline/testing/system';
import type { Fault } from './fault.js';
import { end, partOf, restart } from './strikes.js';

const ROUNDS = 2;
const PAUSE_MS = 500;
/** As the operator's guide says: readers before publishers; two services at a time. */
const ORDER = [['notification', 'scheduling'], ['medication-reconciliation', 'care-plan'], ['intake']];

const ready = (system: System, name: string): Promise<true> => {
  const { port } = partOf(system, name);
  return eventually(`${name} ready`, async () => ((await fetch(`http://127.0.0.1:${port}/readyz`)).ok ? true : undefined), 60);
};

/** Answers how it ended, when not in good order. */
const anew = async (system: System, name: string): Promise<string | undefined> => {
  const how = await end(system, name);
  await restart(system, name);
  await ready(system, name);
  return how === 'exit code 0' ? undefined : `${name} ended with ${how}`;
};

/** Every copy in turn, and never two of one service at once. */
const rolling: Fault['strike'] = async ({ system }) => {
  const ended: (string | undefined)[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const services of ORDER) {
      for (const copy of ['-2', '']) {
        ended.push(...(await Promise.all(services.map((service) => anew(system, `${service}${copy}`)))));
        await delay(PAUSE_MS);
      }
    }
  }
  return { from: Date.now(), what: `${ended.length} processes ended with SIGTERM and started again, never two of one service at once`, problems: ended.filter((problem) => problem !== undefined) };
};

/** What an upgrade does. */
export const restarts: readonly Fault[] = [{ stand: 'two copies each', name: 'rolling restart, twice', strike: rolling, senders: 'answered' }];
