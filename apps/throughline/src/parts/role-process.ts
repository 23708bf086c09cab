import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../home/home.js';
import type { LivePart } from './live-part.js';
import type { Environment } from './service-environment.js';

/** Longer than a service takes to finish what it has in hand. */
const STOP_MS = 40_000;
const START_MS = 90_000;
/** Batches live for some milliseconds: with room for them, the young generation is collected seldom and holds little then. */
const YOUNG_SPACE = '--max-semi-space-size=32';
const MAIN = join(repositoryRoot, 'apps/throughline/dist/main.js');

export interface RoleOptions {
  /** `intake`, ..., `front`, `issuer`: the role of `throughline serve`. */
  readonly role: string;
  /** The part's; default: the role's. */
  readonly name?: string;
  readonly home: string;
  readonly port: number;
  readonly env: Environment;
  readonly logFile: string;
}

const ended = (child: ChildProcess): Promise<string> => new Promise((done) => child.once('exit', (code, signal) => done(signal ?? `exit code ${code}`)));

/** One process of `throughline serve <role>`; resolves when it says that it is up. */
export const startRole = async ({ role, name = role, home, port, env, logFile }: RoleOptions): Promise<LivePart> => {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a', 0o600);
  // In a group of its own: the terminal's Ctrl-C reaches the stack only, which stops its parts in order.
  const child = spawn(process.execPath, [YOUNG_SPACE, MAIN, 'serve', role, '--home', home], { cwd: repositoryRoot, env: { ...env }, detached: true, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  const exited = ended(child);
  let timer: NodeJS.Timeout | undefined;
  const up = new Promise<void>((done, fail) => {
    child.once('error', fail);
    child.once('message', () => done());
    void exited.then((how) => fail(new Error(`${name} ended while starting (${how}); its log is ${logFile}`)));
    timer = setTimeout(() => (child.kill('SIGKILL'), fail(new Error(`${name} was not up after ${START_MS / 1000} s; its log is ${logFile}`))), START_MS);
  });
  await up.finally(() => clearTimeout(timer));
  return {
    name,
    pid: child.pid ?? 0,
    port,
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(late);
    },
  };
};
