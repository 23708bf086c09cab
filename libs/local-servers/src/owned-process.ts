import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processMark } from './process-mark.js';

interface Life {
  readonly pid: number;
  readonly mark: string;
}

/** Who runs the server on this data folder; kept beside the folder. */
interface RunFile {
  readonly owner: Life;
  readonly server: Life;
}

export interface ServerCommand {
  /** For messages: `PostgreSQL`, `Kafka`, `Redis`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  readonly runFile: string;
  readonly logFile: string;
  /** What asks this server to end in good order. */
  readonly stopSignal: NodeJS.Signals;
}

const LOG_LIMIT_BYTES = 20_000_000;
const STOP_MS = 30_000;

const lives = (life: Life): boolean => processMark(life.pid) === life.mark;

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already: what we wanted.
  }
};

const end = async (life: Life, stopSignal: NodeJS.Signals): Promise<void> => {
  for (const [name, patience] of [[stopSignal, STOP_MS], ['SIGKILL', 5_000]] as const) {
    signal(life.pid, name);
    for (const until = Date.now() + patience; lives(life) && Date.now() < until; ) await delay(20);
    if (!lives(life)) return;
  }
};

const readRunFile = (path: string): RunFile | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunFile;
  } catch {
    return undefined;
  }
};

/**
 * Makes sure that nobody runs this server on this folder. One whose owner is alive is an error; one that outlived its
 * owner (killed with -9) is stopped first.
 */
export const claim = async (what: Pick<ServerCommand, 'name' | 'runFile' | 'stopSignal'>): Promise<void> => {
  const run = readRunFile(what.runFile);
  if (!run || !lives(run.server)) return;
  if (lives(run.owner)) {
    throw new Error(`${what.name} is already running on this folder (process ${run.server.pid}, started by process ${run.owner.pid}): stop that one, or choose another folder. See ${what.runFile}`);
  }
  await end(run.server, what.stopSignal);
};

const openLog = (path: string): number => {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a', 0o600);
};

/** A server that this process started: its id, its end, and how to stop it. */
export class OwnedProcess {
  readonly pid: number;
  /** Resolves when the server has ended, whoever ended it. */
  readonly exited: Promise<void>;
  #running = true;
  readonly #logStart: number;

  private constructor(
    child: ChildProcess,
    private readonly what: ServerCommand,
    logStart: number,
  ) {
    this.pid = child.pid!;
    this.#logStart = logStart;
    this.exited = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => {
      this.#running = false;
    });
  }

  static async start(what: ServerCommand): Promise<OwnedProcess> {
    const log = openLog(what.logFile);
    const logStart = statSync(what.logFile).size;
    try {
      // In a session of its own: Ctrl-C in the terminal reaches the program only, which stops its servers last.
      const child = spawn(what.command, [...what.args], {
        cwd: what.cwd, env: what.env, uid: what.uid, gid: what.gid, detached: true, stdio: ['ignore', log, log],
      });
      await new Promise<void>((resolve, reject) => child.once('spawn', () => resolve()).once('error', reject));
      const owned = new OwnedProcess(child, what, logStart);
      const life = (pid: number): Life => ({ pid, mark: processMark(pid) ?? 'gone' });
      writeFileSync(what.runFile, JSON.stringify({ owner: life(process.pid), server: life(owned.pid) } satisfies RunFile), { mode: 0o600 });
      return owned;
    } finally {
      closeSync(log);
    }
  }

  get running(): boolean {
    return this.#running;
  }

  /** What the server wrote since this start, its last lines. */
  logTail(lines = 15): string {
    return readFileSync(this.what.logFile).subarray(this.#logStart).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }

  /** Asks `probe` until it answers true. Fails when the server ends first, or after `patienceMs`. */
  async waitUntil(probe: () => Promise<boolean>, patienceMs: number): Promise<void> {
    for (const until = Date.now() + patienceMs; Date.now() < until; await delay(25)) {
      if (!this.#running) throw new Error(`${this.what.name} ended while starting. Its log (${this.what.logFile}) says:\n${this.logTail()}`);
      if (await probe()) return;
    }
    await this.stop();
    throw new Error(`${this.what.name} was not ready after ${patienceMs / 1000} s. Its log (${this.what.logFile}) says:\n${this.logTail()}`);
  }

  async stop(): Promise<void> {
    if (this.#running) {
      signal(this.pid, this.what.stopSignal);
      const timer = setTimeout(() => signal(this.pid, 'SIGKILL'), STOP_MS);
      await this.exited;
      clearTimeout(timer);
    }
    rmSync(this.what.runFile, { force: true });
  }
}
