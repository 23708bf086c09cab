import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { processMark } from '@throughline/local-servers/process-mark';

/** `src/home` and `dist/home` lie equally deep, so this names the checkout for both. */
export const repositoryRoot = resolve(import.meta.dirname, '../../../..');

/** An expected failure with a message for the person at the terminal: shown without a stack. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
}

/** A server that cannot be started says why in words for the person at the terminal. */
export const plainly = <T>(starting: Promise<T>): Promise<T> =>
  starting.catch((error: unknown) => {
    throw new Complaint(error instanceof Error ? error.message : String(error));
  });

/** Something that was started, so that it can be found, watched or killed by who has the right to. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  readonly port?: number;
  /** Tells this life of the process id from the next: a recycled id is not mistaken for the part. */
  readonly mark?: string;
}

/** `<home>/instance.json`: what runs there and how to reach it. Names the database's password, so it is readable by its owner only. */
export interface Instance {
  readonly mode: 'embedded' | 'distributed';
  readonly pid: number;
  readonly mark?: string;
  readonly startedAt: string;
  readonly url: string;
  readonly mllp: { readonly host: string; readonly port: number };
  /** MLLP port of every copy of intake, where there are several. */
  readonly mllpPorts?: readonly number[];
  readonly issuer: { readonly url: string; readonly kind: 'embedded' | 'external'; readonly audience: string };
  /** Base URL of each service's own port; of its first copy, where there are several. */
  readonly services: Readonly<Record<string, string>>;
  readonly parts: readonly Part[];
  readonly databaseUrl: string;
  readonly kafkaBrokers?: string;
  readonly redisUrl?: string;
  /** How a part that has ended is started again (`throughline restart`). */
  readonly control?: { readonly url: string; readonly secret: string };
}

interface Lock {
  readonly pid: number;
  readonly mark?: string;
}

/** A process that lives, and is the one that was meant: ids are used again. */
export const isAlive = ({ pid, mark }: Lock): boolean => {
  const now = processMark(pid);
  return now !== undefined && (mark === undefined || mark === now);
};

/** This process as a part. */
export const selfPart = (name: string, port?: number): Part => partOf(name, process.pid, port);
export const partOf = (name: string, pid: number, port?: number): Part => ({ name, pid, mark: processMark(pid), ...(port === undefined ? {} : { port }) });

const instanceFile = (home: string): string => join(home, 'instance.json');
const lockFile = (home: string): string => join(home, 'lock.json');

/** Readable by its owner only, and never half written. */
export const writePrivate = (path: string, content: string): void => {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, path);
};

/** Takes the home for this process. Throws a {@link Complaint} when another live process has it. Answers how to let go. */
export const takeHome = (home: string): (() => void) => {
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const mine = JSON.stringify({ pid: process.pid, mark: processMark(process.pid) } satisfies Lock);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(lockFile(home), mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(lockFile(home), { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = readLock(home);
      if (holder && isAlive(holder)) {
        throw new Complaint(`The home ${home} is in use by process ${holder.pid}. Stop that one (Ctrl-C, or \`kill ${holder.pid}\`), or choose another with --home.`);
      }
      rmSync(lockFile(home), { force: true });
    }
  }
  throw new Complaint(`The home ${home} is being taken by another process just now. Try again.`);
};

const readLock = (home: string): Lock | undefined => {
  try {
    return JSON.parse(readFileSync(lockFile(home), 'utf8')) as Lock;
  } catch {
    return undefined;
  }
};

export const writeInstance = (home: string, instance: Instance): void => writePrivate(instanceFile(home), `${JSON.stringify(instance, null, 2)}\n`);
export const forgetInstance = (home: string): void => rmSync(instanceFile(home), { force: true });

/** What an earlier run left behind, whether it still runs or not. */
export const readInstance = (home: string): Instance | undefined => (existsSync(instanceFile(home)) ? (JSON.parse(readFileSync(instanceFile(home), 'utf8')) as Instance) : undefined);

/** The instance that runs at `home`; a {@link Complaint} that says what to do when there is none. */
export const runningInstance = (home: string): Instance => {
  const instance = readInstance(home);
  if (!instance || !isAlive({ pid: instance.pid, mark: instance.mark })) {
    throw new Complaint(`Nothing runs at ${home}. Start it with \`npm start\` (or \`npm run stack\`), or name another home with --home DIR or THROUGHLINE_HOME.`);
  }
  return instance;
};
