import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { claim, OwnedProcess } from './owned-process.js';
import { portIsFree } from './ports.js';

export interface RedisOptions {
  /** Holds the append-only files, the log and who runs it. */
  readonly folder: string;
  readonly port: number;
  readonly progress?: (line: string) => void;
}

export interface LocalRedis {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const pongs = (port: number) => (): Promise<boolean> =>
  new Promise((resolvePong) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write('PING\r\n'));
    const answer = (pong: boolean): void => {
      socket.destroy();
      resolvePong(pong);
    };
    socket.setTimeout(2_000, () => answer(false));
    socket.once('error', () => answer(false));
    // While it loads its files it answers `-LOADING`.
    socket.once('data', (chunk) => answer(chunk.toString().startsWith('+PONG')));
  });

/** Whether a Redis can be started here, and what to install when not. */
export const redisProblem = (): string | undefined =>
  spawnSync('redis-server', ['--version']).error ? 'redis-server was not found: install Redis 6.2 or newer (Debian, Ubuntu: `apt-get install redis-server`; macOS: `brew install redis`)' : undefined;

/** Starts the machine's redis-server on loopback with an append-only file (fsync every second). */
export const startRedis = async (options: RedisOptions): Promise<LocalRedis> => {
  const { port, progress = () => undefined } = options;
  const folder = resolve(options.folder);
  const problem = redisProblem();
  if (problem) throw new Error(problem);
  mkdirSync(folder, { recursive: true });
  const run = { name: 'Redis', runFile: join(folder, 'run.json'), logFile: join(folder, 'redis.log'), stopSignal: 'SIGTERM' } as const;
  await claim(run);
  if (!(await portIsFree(port))) throw new Error(`Port ${port} is taken: Redis cannot listen there`);
  progress('Redis: starting');
  const args = [
    '--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes', '--appendfsync', 'everysec',
    '--save', '', '--maxmemory-policy', 'noeviction', '--daemonize', 'no',
  ];
  const server = await OwnedProcess.start({ ...run, command: 'redis-server', args, cwd: folder });
  await server.waitUntil(pongs(port), 30_000);
  progress(`Redis: ready on port ${port}`);
  return { pid: server.pid, port, url: `redis://127.0.0.1:${port}/0`, exited: server.exited, stop: () => server.stop() };
};
