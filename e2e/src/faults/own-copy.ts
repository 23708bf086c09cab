import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, type System } from '@throughline/testing/system';
import { end, partOf, restart } from './strikes.js';

export interface Change {
  readonly env?: Readonly<Record<string, string>>;
  /** Modules that Node.js loads first. */
  readonly imports?: readonly string[];
}

/** Settings of a process are read where only Linux shows them. */
export const onlyOnLinux = (): string | undefined => (process.platform === 'linux' ? undefined : 'a service is started anew with other surroundings, which is made for Linux');

const ofProcess = (pid: number, what: 'environ' | 'cmdline'): string[] => readFileSync(`/proc/${pid}/${what}`, 'utf8').split('\0').filter((part) => part !== '');

const START_MS = 60_000;

/** It and all others: what comes next begins with everything in order. */
const allReady = (system: System): Promise<unknown> => eventually('all ready', async () => (await system.call('GET', '/readyz')).status === 200, 60);

/** A service of the stack, started by the harness in its place: the same command, settings and ports, in other surroundings. */
export class OwnCopy {
  private constructor(
    private readonly system: System,
    readonly service: string,
    private readonly argv: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
    private child: ChildProcess,
  ) {}

  static async instead(system: System, service: string, change: Change): Promise<OwnCopy> {
    const { pid } = partOf(system, service);
    const argv = ofProcess(pid, 'cmdline');
    const env = Object.fromEntries(ofProcess(pid, 'environ').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    delete env['NODE_CHANNEL_FD'];
    await end(system, service);
    try {
      const copy = new OwnCopy(system, service, argv, env, await started(system, service, argv, env, change));
      await allReady(system);
      return copy;
    } catch (error) {
      await restart(system, service);
      throw error;
    }
  }

  /** The same process again, in these surroundings. */
  async again(change: Change): Promise<void> {
    await this.#end();
    this.child = await started(this.system, this.service, this.argv, this.env, change);
  }

  /** The stack's own takes its place back. */
  async giveBack(): Promise<void> {
    await this.#end();
    await restart(this.system, this.service);
    await allReady(this.system);
  }

  async #end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), START_MS);
    await ended;
    clearTimeout(late);
  }
}

const started = async (system: System, service: string, [program, ...args]: readonly string[], env: Readonly<Record<string, string>>, { env: more, imports = [] }: Change): Promise<ChildProcess> => {
  const log = openSync(join(system.home, 'log', `${service}.faults.log`), 'a', 0o600);
  const child = spawn(program!, [...imports.flatMap((file) => ['--import', file]), ...args], { env: { ...env, ...more }, stdio: ['ignore', log, log, 'ipc'] });
  closeSync(log);
  try {
    await new Promise<void>((done, fail) => {
      child.once('error', fail);
      child.once('message', () => done());
      child.once('exit', (code) => fail(new Error(`${service} ended while starting in other surroundings (${code})`)));
      setTimeout(() => fail(new Error(`${service} was not up in other surroundings within ${START_MS / 1000} s`)), START_MS).unref();
    });
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
};
