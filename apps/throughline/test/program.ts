import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../bin/throughline.mjs');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** The last line of standard output. */
  readonly last: string;
}

const clean = (): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('THROUGHLINE_') && name !== 'NODE_OPTIONS'));

/** The program in a process of its own, as a person would run it. */
export class Program {
  out = '';
  err = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #watchers = new Set<() => void>();

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [BIN, ...args], { env: { ...clean(), ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#take('out', chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#take('err', chunk));
    this.ended = new Promise((done) => this.child.once('close', (code) => done({ code, out: this.out, err: this.err, last: this.out.trimEnd().split('\n').at(-1) ?? '' })));
  }

  /** Resolves with the match as soon as standard output has it. Rejects when the program ends first. */
  async says(pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const found = pattern.exec(this.out);
      if (found) return found;
      const over = await Promise.race([this.ended, new Promise<undefined>((done) => this.#watchers.add(() => done(undefined)))]);
      if (over && !pattern.test(this.out)) throw new Error(`It ended (${over.code}) without saying ${pattern}:\n${over.out}\n${over.err}`);
    }
  }

  stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
    this.child.kill(signal);
    return this.ended;
  }

  #take(stream: 'out' | 'err', chunk: Buffer): void {
    this[stream] += chunk.toString();
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

export const throughline = (...args: string[]): Promise<Ended> => new Program(args).ended;
