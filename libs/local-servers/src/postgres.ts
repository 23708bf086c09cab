import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { claim, OwnedProcess, type ServerCommand } from './owned-process.js';
import { portIsFree } from './ports.js';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';

export interface PostgresOptions {
  /** The data folder. Beside it: `<folder>.password` (0600), `<folder>.log`, `<folder>.run.json`. */
  readonly folder: string;
  readonly port: number;
  /** Default 100. */
  readonly maxConnections?: number;
  /** Created when missing; default: `postgres` alone. */
  readonly database?: string;
  /** More `-c name=value` settings. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly progress?: (line: string) => void;
}

export interface LocalPostgres {
  /** Of the postmaster. */
  readonly pid: number;
  readonly port: number;
  /** Superuser. Default database: the option's. */
  url(database?: string): string;
  /** Resolves when the server ends, whoever ended it. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root; `nobody` exists everywhere and owns nothing else. */
const NOBODY = 65534;
const isRoot = (): boolean => process.getuid?.() === 0;
const account = (): { uid?: number; gid?: number } => (isRoot() ? { uid: NOBODY, gid: NOBODY } : {});

const canBeEntered = (folder: string): boolean => {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(path) && (statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
};

/**
 * Where the data really are. Below a folder that only root may enter (root's home) the server's account cannot reach them:
 * they go under /var/lib, and a file beside the wanted folder says where, so that removing the home forgets them.
 */
const reachable = (folder: string, progress: (line: string) => void): string => {
  if (!isRoot() || canBeEntered(dirname(folder))) return folder;
  const pointer = `${folder}.elsewhere`;
  if (!existsSync(pointer)) {
    mkdirSync('/var/lib/throughline', { recursive: true, mode: 0o755 });
    const place = mkdtempSync('/var/lib/throughline/postgres-');
    writeFileSync(pointer, place, { mode: 0o600 });
    chownSync(place, NOBODY, NOBODY);
  }
  const place = readFileSync(pointer, 'utf8').trim();
  progress(`PostgreSQL cannot enter ${dirname(folder)} (it never runs as root): its data are in ${place}`);
  return place;
};

const passwordOf = (folder: string, fresh: boolean): string => {
  const path = `${folder}.password`;
  if (fresh) writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (!existsSync(path)) throw new Error(`${path} is missing: it holds the password of the PostgreSQL data in ${folder}. Put it back, or remove both to start empty.`);
  return readFileSync(path, 'utf8').trim();
};

const initialise = async (binaries: PostgresBinaries, data: string, password: string): Promise<void> => {
  // initdb reads the password as the server's account, which must not be able to read the file that stays.
  const folder = mkdtempSync(join(tmpdir(), 'throughline-initdb-'));
  const file = join(folder, 'password');
  writeFileSync(file, password, { mode: 0o600 });
  if (isRoot()) for (const path of [folder, file, data]) chownSync(path, NOBODY, NOBODY);
  // The built-in provider knows C.UTF-8 on every platform; the machine's own locales differ.
  const args = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '-A', 'scram-sha-256', `--pwfile=${file}`];
  let output = '';
  try {
    const child = spawn(binaries.initdb, args, { cwd: data, ...account(), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
    if (code !== 0) throw new Error(`initdb failed (${code}):\n${output}`);
  } catch (error) {
    for (const entry of readdirSync(data)) rmSync(join(data, entry), { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const connect = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  return work(client).finally(() => client.end().catch(() => undefined));
};

const WRONG_PASSWORD = '28P01';

const answers = (url: string) => async (): Promise<boolean> => {
  try {
    await connect(url, (client) => client.query('select 1'));
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === WRONG_PASSWORD) throw new Error('PostgreSQL refuses the password kept beside its data folder: the two do not belong together');
    return false;
  }
};

/** After `kill -9` of the postmaster its children take a moment to notice and let go of the shared memory. */
const startPatiently = async (command: ServerCommand, url: string): Promise<OwnedProcess> => {
  for (let attempt = 1; ; attempt++) {
    const server = await OwnedProcess.start(command);
    try {
      await server.waitUntil(answers(url), 120_000);
      return server;
    } catch (error) {
      await server.stop();
      const oldChildren = /shared memory block .* is still in use|lock file "postmaster.pid" already exists/.test(server.logTail());
      if (!oldChildren || attempt === 40) throw error;
      await delay(250);
    }
  }
};

/** Starts a private PostgreSQL on loopback, making its data folder when there is none; recovers after an unclean end. */
export const startPostgres = async (options: PostgresOptions): Promise<LocalPostgres> => {
  const { port, progress = () => undefined, database = 'postgres', maxConnections = 100 } = options;
  const folder = resolve(options.folder);
  const run = { name: 'PostgreSQL', runFile: `${folder}.run.json`, logFile: `${folder}.log`, stopSignal: 'SIGINT' } as const;
  mkdirSync(dirname(folder), { recursive: true });
  await claim(run);
  if (!(await portIsFree(port))) throw new Error(`Port ${port} is taken: PostgreSQL cannot listen there`);
  const binaries = postgresBinaries();
  const data = reachable(folder, progress);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const fresh = !existsSync(join(data, 'PG_VERSION'));
  const password = passwordOf(folder, fresh);
  if (fresh) {
    progress(`PostgreSQL ${binaries.version.split('-')[0]}: making the data folder`);
    await initialise(binaries, data, password);
  }
  // `claim` has seen to it that nobody runs here; the file of a dead postmaster may name a process id that lives again.
  const unclean = existsSync(join(data, 'postmaster.pid'));
  rmSync(join(data, 'postmaster.pid'), { force: true });
  const settings = {
    listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', max_connections: String(maxConnections),
    password_encryption: 'scram-sha-256', timezone: 'UTC', log_timezone: 'UTC',
    // Details, contexts and statements of errors quote the row that was refused: a patient's data have no place in a log.
    log_error_verbosity: 'terse', log_min_error_statement: 'panic', ...options.settings,
  };
  progress(unclean ? 'PostgreSQL: recovering after an unclean end' : 'PostgreSQL: starting');
  const url = (name = database): string => `postgres://postgres:${password}@127.0.0.1:${port}/${name}`;
  const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const server = await startPatiently({ ...run, command: binaries.postgres, args, cwd: data, ...account() }, url('postgres'));
  await connect(url('postgres'), async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(database)}`);
  });
  progress(`PostgreSQL: ready on port ${port}`);
  return { pid: server.pid, port, url, exited: server.exited, stop: () => server.stop() };
};
