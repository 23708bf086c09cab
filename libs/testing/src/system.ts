import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export type Mode = 'embedded' | 'distributed';
export type Role = 'coordinator' | 'nurse' | 'pharmacist' | 'operator' | 'admin' | 'subscriber' | 'sender';

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export interface Answer<T = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Polls until the check answers with something, and says what it saw last when it never does. */
export const eventually = async <T>(what: string, check: () => Promise<T | undefined | false>, seconds = 30): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  let last: unknown;
  for (;;) {
    try {
      const found = await check();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s${last ? ` (last: ${String(last)})` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

export interface Run {
  readonly code: number | null;
  readonly output: string;
  /** The last line of standard output that is not empty. */
  readonly last: string;
}

/** Runs `throughline VERB ...` as a person would, and waits for it. */
export const throughline = async (args: readonly string[], input?: string): Promise<Run> => {
  const child = spawn('node', [`${root}apps/throughline/bin/throughline.mjs`, ...args], { cwd: root, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stdin.end(input ?? '');
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output, last: printed.trimEnd().split('\n').at(-1) ?? '' };
};

/** A whole Throughline, started by the command that the README names and spoken to through its public door. */
export class System {
  readonly #tokens = new Map<Role, string>();
  private constructor(
    readonly mode: Mode,
    readonly url: string,
    readonly mllpPort: number,
    readonly home: string,
    readonly child: ChildProcess,
    readonly output: () => string,
  ) {}

  static async start(mode: Mode, options: { home?: string; port?: number; mllpPort?: number; demo?: boolean; args?: readonly string[]; env?: Record<string, string>; signal?: AbortSignal } = {}): Promise<System> {
    const home = options.home ?? mkdtempSync(join(tmpdir(), `throughline-${mode}-`));
    // PostgreSQL runs as an account of its own when root runs the tests: without a way in, its data would lie, and stay, elsewhere.
    if (options.home === undefined) chmodSync(home, 0o711);
    const port = options.port ?? (await freePort());
    const mllpPort = options.mllpPort ?? (await freePort());
    const script = mode === 'embedded' ? 'start.mjs' : 'stack.mjs';
    const args = ['--port', String(port), '--mllp-port', String(mllpPort), '--home', home, ...(options.demo ? [] : ['--no-demo']), ...(options.args ?? [])];
    // A group of its own, so that the launcher and all it started can be found again.
    const child = spawn('node', [`${root}infra/scripts/${script}`, ...args], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    let gone = false;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve(void (gone = true))));
    const line = `Throughline is ready: http://127.0.0.1:${port}`;
    const givenUp = (): boolean => gone || (options.signal?.aborted ?? false);
    try {
      await eventually(`${mode} system ready`, () => Promise.resolve(output.includes(line) || givenUp()), 180);
      if (givenUp()) throw new Error(gone ? 'it ended before it was ready' : 'given up');
    } catch (error) {
      if (child.pid && !gone) process.kill(-child.pid, 'SIGTERM');
      await exited;
      throw new Error(`${String(error)}\n${output.slice(-4000)}`);
    }
    return new System(mode, `http://127.0.0.1:${port}`, mllpPort, home, child, () => output);
  }

  async token(role: Role): Promise<string> {
    const kept = this.#tokens.get(role);
    if (kept) return kept;
    const run = await throughline(['token', '--as', role, '--home', this.home]);
    if (run.code !== 0) throw new Error(`no token for ${role}: ${run.output}`);
    this.#tokens.set(role, run.last);
    return run.last;
  }

  async call<T = unknown>(method: string, path: string, options: { as?: Role; body?: unknown; headers?: Record<string, string> } = {}): Promise<Answer<T>> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(options.as ? { authorization: `Bearer ${await this.token(options.as)}` } : {}),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T };
  }

  async get<T>(path: string, as: Role = 'coordinator'): Promise<T> {
    const answer = await this.call<T>('GET', path, { as });
    if (answer.status !== 200) throw new Error(`GET ${path} as ${as}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** What the run wrote about itself: addresses and process ids. */
  instance(): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.home, 'instance.json'), 'utf8')) as Record<string, unknown>;
  }

  /** Of every copy of intake. */
  get mllpPorts(): readonly number[] {
    return (this.instance()['mllpPorts'] as readonly number[] | undefined) ?? [this.mllpPort];
  }

  /** Ctrl-C, then waits for a clean end. Answers the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode !== null) return this.child.exitCode;
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGINT');
    return ended;
  }

  async discard(): Promise<void> {
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}
