import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SERVICES } from '@throughline/contracts/define-event';
import { eventually, freePort, System, throughline, type Mode } from '@throughline/testing/system';
import type { Backlog } from './find-rate.js';
import { Gauges } from './gauges.js';
import { LoadProcess } from './load-process.js';

export interface StandOptions {
  readonly mode: Mode;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Check {
  readonly settled: boolean;
  readonly accepted: number;
  readonly discharges: number;
  readonly episodes: number;
  readonly lost: number;
  readonly doubled: number;
  readonly parked: number;
}

type Quiet = Readonly<Record<'outbox' | 'jobsAsked' | 'lag' | 'backlog', number>>;

/** Processes with work of the product in them; the others are servers. */
const PRODUCT = new Set<string>([...SERVICES, 'front', 'throughline']);
const AT_REST_SECONDS = 8;
const STOP_SECONDS = 60;

/** A fresh system, a load generator and gauges: what every measurement stands on. */
export class Stand {
  /** MB by process, some seconds after it was ready. */
  idleMemory: ReadonlyMap<string, number> = new Map();

  private constructor(
    readonly options: StandOptions,
    readonly system: System,
    /** From starting the command on an empty home to the line that says it is ready. */
    readonly readySeconds: number,
    readonly load: LoadProcess,
    readonly gauges: Gauges,
    private readonly journal: string,
  ) {}

  /** Stops what it started, whatever happens. */
  static async with<T>(options: StandOptions, work: (stand: Stand) => Promise<T>): Promise<T> {
    const home = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
    // PostgreSQL runs as an account of its own when root runs this, and has to get in.
    chmodSync(home, 0o711);
    let system: System | undefined;
    let load: LoadProcess | undefined;
    let gauges: Gauges | undefined;
    try {
      options.say(`Starting a fresh system (${options.mode}) ...`);
      const ports = { port: await freePort(), mllpPort: await freePort() };
      const begun = performance.now();
      system = await System.start(options.mode, { home, ...ports, signal: options.signal });
      const readySeconds = (performance.now() - begun) / 1_000;
      options.say(`  ready after ${readySeconds.toFixed(1)} s`);
      options.signal.throwIfAborted();
      load = new LoadProcess();
      gauges = new Gauges(system, [{ name: 'load generator', pid: load.pid }, { name: 'bench', pid: process.pid }]);
      const stand = new Stand(options, system, readySeconds, load, gauges, join(home, 'journal'));
      await stand.#begin();
      return await work(stand);
    } finally {
      load?.stop();
      await gauges?.close();
      options.say('Stopping the system ...');
      await system?.stop();
      rmSync(home, { recursive: true, force: true });
    }
  }

  /** Of the product's own processes. */
  get idleMemoryMb(): number {
    return [...this.idleMemory].reduce((sum, [name, memoryMb]) => sum + (PRODUCT.has(name) ? memoryMb : 0), 0);
  }

  readonly ask: LoadProcess['ask'] = (order) => this.unless(this.load.ask(order));

  pause(seconds: number): Promise<void> {
    return delay(seconds * 1_000, undefined, { signal: this.options.signal });
  }

  /** Everything not finished anywhere. */
  async unfinished(): Promise<number> {
    const each = await Promise.all(SERVICES.map((service) => this.unless(this.system.get<Quiet>(`/api/${service}/ledger/quiet`, 'operator'))));
    return each.reduce((sum, { outbox, jobsAsked, lag, backlog }) => sum + outbox + jobsAsked + lag + backlog, 0);
  }

  async backlog(): Promise<Backlog> {
    const unfinished = await this.unfinished();
    const { offered, accepted, done } = this.load.progress;
    return { waiting: offered - Math.min(accepted, done), unfinished };
  }

  /** Waits until nothing is unfinished; answers how long that took, in seconds. */
  async quiet(atMost: number): Promise<number> {
    const begun = performance.now();
    const seconds = (): number => (performance.now() - begun) / 1_000;
    while ((await this.unfinished()) > 0 && seconds() < atMost) await this.pause(0.2);
    return seconds();
  }

  /** The last that is sent, and then what became of it. */
  async check(): Promise<Check> {
    await this.ask({ do: 'end' });
    this.options.say('Checking what was accepted against what became of it ...');
    const run = await this.unless(throughline(['check', '--home', this.system.home, '--settle', '60', '--journal', this.journal, '--json']));
    if (!run.last.startsWith('{')) throw new Error(`throughline check said: ${run.output}`);
    return JSON.parse(run.last) as Check;
  }

  /** In good order; the servers stay. Answers once they are gone. */
  async stopParts(names: readonly string[]): Promise<void> {
    const alive = (pid: number): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    const parts = this.gauges.instance.parts.filter(({ name }) => names.includes(name));
    for (const { pid } of parts) if (alive(pid)) process.kill(pid, 'SIGTERM');
    await eventually(`${names.join(', ')} stopped`, () => Promise.resolve(!parts.some(({ pid }) => alive(pid))), STOP_SECONDS);
  }

  /** Fails at once when the run is given up, whatever it waits for. */
  async unless<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.options;
    let give: (() => void) | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      give = () => reject(signal.reason as Error);
      signal.addEventListener('abort', give);
    });
    work.catch(() => undefined);
    try {
      signal.throwIfAborted();
      return await Promise.race([work, givenUp]);
    } finally {
      if (give) signal.removeEventListener('abort', give);
    }
  }

  async #begin(): Promise<void> {
    await this.pause(AT_REST_SECONDS);
    this.idleMemory = this.gauges.memory();
    const settings = {
      url: this.system.url, mllpPort: this.system.mllpPort, journal: this.journal, seed: Math.floor(Date.now() / 1_000) % 100_000,
      senderToken: await this.system.token('sender'), subscriberToken: await this.system.token('subscriber'),
    };
    await this.ask({ do: 'begin', settings });
  }
}
