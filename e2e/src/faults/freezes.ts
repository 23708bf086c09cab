import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import type { System } from '@throughline/testing/system';
import pg from 'pg';
import type { Fault } from './fault.js';
import { instanceOf, partOf } from './strikes.js';

/** Longer than the group's session (6 s) and than PostgreSQL lets a transaction be idle (10 s). */
const FROZEN_MS = 25_000;
/** A transaction of a copy that runs is over by then. */
const STANDS_STILL_MS = 500;
/** How long a copy is stopped and let go again until it is caught with a transaction open. */
const HUNT_MS = 60_000;

const OPEN = `select pid, xact_start::text as since from pg_stat_activity where application_name = $1 and state like 'idle in transaction%'`;

interface Open {
  readonly pid: number;
  readonly since: string;
}

/** Transactions of a service that stand open and do not move: those of its frozen copy. */
const standingStill = async (client: pg.Client, service: string): Promise<readonly Open[]> => {
  const open = async (): Promise<readonly Open[]> => (await client.query<Open>(OPEN, [`throughline-${service}`])).rows;
  const before = await open();
  if (before.length === 0) return [];
  await delay(STANDS_STILL_MS);
  const after = await open();
  return before.filter((one) => after.some(({ pid, since }) => pid === one.pid && since === one.since));
};

/** What a copy says when the database has ended what it had begun. */
const REFUSED = /"level":"warn".*"msg":"(?:batch failed and is tried again|a batch was not taken|events cannot be published|jobs cannot be armed|a sweep failed)/;

/** What a part has written to its log from now on. */
const logFrom = (system: System, name: string): (() => string) => {
  const file = join(system.home, 'log', `${name}.log`);
  const from = existsSync(file) ? statSync(file).size : 0;
  return () => readFileSync(file).subarray(from).toString('utf8');
};

/** Stops the process at a moment when it holds a transaction open. */
const freezeInTransaction = async (client: pg.Client, pid: number, service: string): Promise<readonly Open[]> => {
  for (const until = Date.now() + HUNT_MS; Date.now() < until; await delay(Math.random() * 50)) {
    process.kill(pid, 'SIGSTOP');
    const open = await standingStill(client, service);
    if (open.length > 0) return open;
    process.kill(pid, 'SIGCONT');
  }
  throw new Error(`${service} was never caught with a transaction open`);
};

const inTheMiddleOfATransaction =
  (service: string): Fault['strike'] =>
  async ({ system }) => {
    const { pid } = partOf(system, service);
    const log = logFrom(system, service);
    const client = new pg.Client({ connectionString: instanceOf(system).databaseUrl });
    await client.connect();
    try {
      const open = await freezeInTransaction(client, pid, service);
      const ids = open.map((one) => one.pid);
      await delay(FROZEN_MS);
      const left = (await client.query('select 1 from pg_stat_activity where pid = any($1)', [ids])).rowCount ?? 0;
      const from = Date.now();
      process.kill(pid, 'SIGCONT');
      // It finds out when it wants to go on with what it had begun.
      let refused = 0;
      for (const until = from + 15_000; refused === 0 && Date.now() < until; await delay(200)) refused = log().split('\n').filter((line) => REFUSED.test(line)).length;
      return {
        from,
        what: `frozen for ${FROZEN_MS / 1000} s with ${open.length} transaction(s) open; ${open.length - left} ended by the database, the copy told of ${refused} refusal(s) when it woke`,
        problems: [...(left === 0 ? [] : [`${left} transaction(s) of the frozen copy still stood open`]), ...(refused > 0 ? [] : ['the copy that woke was refused nothing'])],
      };
    } finally {
      await client.end();
      // Whatever went wrong: a stopped process cannot even be asked to end.
      process.kill(pid, 'SIGCONT');
    }
  };

const oneOfEach: Fault['strike'] = async ({ system }) => {
  const pids = SERVICES.map((service) => partOf(system, service).pid);
  try {
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await delay(FROZEN_MS);
    return { from: Date.now(), what: `${pids.length} processes frozen for ${FROZEN_MS / 1000} s` };
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
};

const stand = 'two copies each';
const unable = (): string | undefined => (process.platform === 'win32' ? 'processes cannot be frozen on Windows' : undefined);

/** A copy that does not run for a while, and does not know it. */
export const freezes: readonly Fault[] = [
  ...(['care-plan', 'intake'] as const).map((service): Fault => ({ stand, unable, name: `freeze one of two: ${service}`, strike: inTheMiddleOfATransaction(service) })),
  { stand, unable, name: 'freeze one of two of all five services', strike: oneOfEach },
];
