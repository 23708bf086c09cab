import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Fault } from './fault.js';
import { instanceOf } from './strikes.js';

/** The longest that PostgreSQL lets itself be held up before it flushes its log. */
const EACH_FLUSH_MS = 100;
const SLOW_MS = 20_000;

/** How long a commit takes now, the median of some: one that meets another's flush on its way is carried along. */
const commitMs = async (client: pg.Client): Promise<number> => {
  const took: number[] = [];
  for (let tries = 0; tries < 12; tries += 1) {
    const begun = performance.now();
    // What writes to the log has to be on the disk before its commit is answered.
    await client.query("select pg_logical_emit_message(true, 'faults', 'slow?')");
    took.push(performance.now() - begun);
  }
  return took.sort((a, b) => a - b)[Math.floor(took.length / 2)]!;
};

const setTo = async (client: pg.Client, settings: Readonly<Record<string, number | undefined>>): Promise<void> => {
  for (const [name, value] of Object.entries(settings)) await client.query(value === undefined ? `alter system reset ${name}` : `alter system set ${name} = ${value}`);
  await client.query('select pg_reload_conf()');
  await delay(500);
};

/** Every flush of its log takes longer, as on a disk that is worn or shared. */
const strike: Fault['strike'] = async ({ system }) => {
  const client = new pg.Client({ connectionString: instanceOf(system).databaseUrl });
  // Stopped in the middle, the stack takes its server away: what is then under way fails by itself.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const before = await commitMs(client);
    await setTo(client, { commit_delay: EACH_FLUSH_MS * 1_000, commit_siblings: 0 });
    const slow = await commitMs(client).finally(() => delay(SLOW_MS));
    await setTo(client, { commit_delay: undefined, commit_siblings: undefined });
    return {
      from: Date.now(),
      what: `a commit took ${slow.toFixed(0)} ms instead of ${before.toFixed(0)} for ${SLOW_MS / 1000} s`,
      problems: slow >= EACH_FLUSH_MS / 2 ? [] : ['the disk was never slow'],
    };
  } finally {
    await client.end();
  }
};

export const slowDisk: readonly Fault[] = [{ stand: 'one copy each', name: 'slow disk: postgres', strike, senders: 'undisturbed' }];
