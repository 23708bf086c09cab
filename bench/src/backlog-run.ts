import { throughline } from '@throughline/testing/system';
import { type Check, Stand } from './stand.js';
import { Trials } from './trials.js';

export interface BacklogOptions {
  readonly discharges: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface BacklogResult {
  readonly discharges: number;
  readonly notAccepted: number;
  /** While nobody but intake was there. */
  readonly acceptedPerSecond: number;
  /** From the word to start the readers until nothing was left to do. */
  readonly drainSeconds: number;
  readonly drainedPerSecond: number;
  /** Most that was seen, MB by process. */
  readonly peakMemory: Readonly<Record<string, number>>;
  /** Discharges whose tasks a subscriber that was away meanwhile has not seen. */
  readonly unseen: number;
  readonly check: Check;
}

const READERS = ['care-plan', 'medication-reconciliation', 'scheduling', 'notification'] as const;
const WARM_UP_SECONDS = 10;
const IN_FLIGHT = 40;
const TELL_SECONDS = 15;
const SUBSCRIBER_SECONDS = 300;

/** Accepts a backlog while the readers are away, starts them, and watches it drain in one go. */
export const backlogRun = (options: BacklogOptions): Promise<BacklogResult> =>
  Stand.with({ ...options, mode: 'distributed' }, async (stand) => {
    const { discharges, say } = options;
    await new Trials(stand).warmUp(WARM_UP_SECONDS);
    await stand.unless(stand.stopParts(READERS));
    say(`Accepting ${discharges} discharges while the readers are away ...`);
    const pushed = await telling(stand, () => `${stand.load.progress.accepted} accepted`, stand.ask({ do: 'push', until: 'accepted', inFlight: IN_FLIGHT, discharges }));
    await intakeQuiet(stand);
    say(`  ${(pushed.offered / pushed.seconds).toFixed(0)}/s; starting the readers ...`);
    const peak = new Map<string, number>();
    const begun = performance.now();
    const restarting = Promise.all(READERS.map((part) => throughline(['restart', part, '--home', stand.system.home])));
    let left: number | undefined;
    const draining = drained(stand, peak, (unfinished) => (left = unfinished), restarting);
    await telling(stand, () => `${left ?? 'not yet known how many'} messages unfinished, services' memory ${[...peak].filter(([name]) => READERS.includes(name as 'care-plan')).map(([name, mb]) => `${name} ${Math.round(mb)}`).join(', ')} MB`, draining);
    const drainSeconds = (performance.now() - begun) / 1_000;
    say(`  drained in ${drainSeconds.toFixed(1)} s`);
    const { waiting } = await stand.ask({ do: 'drain', seconds: SUBSCRIBER_SECONDS });
    return {
      discharges, notAccepted: pushed.failed, acceptedPerSecond: pushed.offered / pushed.seconds, drainSeconds, drainedPerSecond: discharges / drainSeconds,
      peakMemory: Object.fromEntries([...peak].map(([name, mb]) => [name, Math.round(mb)])), unseen: waiting, check: await stand.check(),
    };
  });

/** Says how far it is until it is done. */
const telling = async <T>(stand: Stand, line: () => string, work: Promise<T>): Promise<T> => {
  const ticker = setInterval(() => stand.options.say(`  ${line()}`), TELL_SECONDS * 1_000);
  return stand.unless(work).finally(() => clearInterval(ticker));
};

/** All that was accepted is on its topic. */
const intakeQuiet = async (stand: Stand): Promise<void> => {
  for (;;) {
    const { outbox, backlog } = await stand.unless(stand.system.get<{ outbox: number; backlog: number }>('/api/intake/ledger/quiet', 'operator'));
    if (outbox + backlog === 0) return;
    await stand.pause(0.5);
  }
};

const drained = async (stand: Stand, peak: Map<string, number>, seen: (unfinished: number) => void, restarting: Promise<readonly { code: number | null; output: string }[]>): Promise<void> => {
  let up = false;
  const started = restarting.then((runs) => {
    const bad = runs.find(({ code }) => code !== 0);
    if (bad) throw new Error(`A reader did not start: ${bad.output}`);
    up = true;
  });
  started.catch(() => undefined);
  for (;;) {
    for (const [name, memoryMb] of stand.gauges.memory()) peak.set(name, Math.max(memoryMb, peak.get(name) ?? 0));
    if (up) {
      // A service that has just come up may not answer yet.
      const unfinished = await stand.unfinished().catch(() => undefined);
      stand.options.signal.throwIfAborted();
      if (unfinished !== undefined) seen(unfinished);
      if (unfinished === 0) return started;
    } else await Promise.race([started, stand.pause(0.2)]);
    await stand.pause(0.5);
  }
};

export const backlogLines = (result: BacklogResult): readonly string[] => [
  '',
  '| figure | value |',
  '|---|---|',
  `| discharges accepted while the readers were away | ${result.discharges}, ${result.acceptedPerSecond.toFixed(0)}/s, ${result.notAccepted} not accepted |`,
  `| drained | in ${result.drainSeconds.toFixed(1)} s, ${result.drainedPerSecond.toFixed(0)}/s, starting included |`,
  `| lost, doubled, parked | ${result.check.lost}, ${result.check.doubled}, ${result.check.parked}${result.check.settled ? '' : '; still at work when it was checked'} |`,
  `| tasks that a subscriber did not see | of ${result.unseen} discharges |`,
  `| most memory, MB | ${Object.entries(result.peakMemory).map(([name, mb]) => `${name} ${mb}`).join(', ')} |`,
  '',
];
