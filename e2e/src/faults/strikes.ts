import { spawnSync } from 'node:child_process';
import { processMark } from '@throughline/local-servers/process-mark';
import { eventually, throughline, type System } from '@throughline/testing/system';
import { Redis } from 'ioredis';

export interface Part {
  readonly name: string;
  readonly pid: number;
  readonly port?: number;
  /** Tells this life of the process id from the next. */
  readonly mark: string;
}
interface Instance {
  readonly parts: readonly Part[];
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly kafkaBrokers: string;
}

export const isAlive = ({ pid, mark }: Part): boolean => processMark(pid) === mark;

export const instanceOf = (system: System): Instance => system.instance() as unknown as Instance;

export const partOf = (system: System, name: string): Part => {
  const part = instanceOf(system).parts.find((one) => one.name === name);
  if (!part) throw new Error(`the stack has no part ${name}`);
  return part;
};

export const stillRuns = (system: System, name: string): boolean => instanceOf(system).parts.some((part) => part.name === name && isAlive(part));

/** Asks a part to end in good order. Answers how it ended, in the stack's words: `exit code 0`. */
export const end = async (system: System, name: string): Promise<string> => {
  const part = partOf(system, name);
  const said = new RegExp(`^${name} \\(process ${part.pid}\\) has ended(?: \\(([^)]*)\\))?`, 'm');
  process.kill(part.pid, 'SIGTERM');
  return eventually(`${name} ended`, () => Promise.resolve(isAlive(part) ? undefined : said.exec(system.output())?.[1]), 60);
};

/** Children of a process, theirs included. */
const descendants = (pid: number): number[] => {
  const rows = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] => rows.filter(([, of]) => of === parent).flatMap(([child]) => [child!, ...below(child!)]);
  return below(pid);
};

/** `kill -9` of a part of this very stack and of everything that it started, at that moment. Answers how many processes. */
export const kill = async (system: System, name: string, moment: () => Promise<void> = () => Promise.resolve()): Promise<number> => {
  const part = partOf(system, name);
  if (!isAlive(part)) throw new Error(`${name} (process ${part.pid}) was not running`);
  const pids = [part.pid, ...descendants(part.pid)];
  await moment();
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // A child that ended with its parent.
    }
  }
  await eventually(`${name} dead`, () => Promise.resolve(!isAlive(part)), 10);
  return pids.length;
};

/** As a person would. Fails when the part had not ended. */
export const restart = async (system: System, name: string): Promise<void> => {
  const run = await throughline(['restart', name, '--home', system.home]);
  if (run.code !== 0 || !run.output.includes('is up again')) throw new Error(`throughline restart ${name}: ${run.output.trim()}`);
};

const onRedis = async <T>(system: System, work: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(instanceOf(system).redisUrl, { lazyConnect: true, maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
};

const delayedJobs = async (redis: Redis): Promise<number> => {
  const queues = await redis.keys('*:delayed');
  return (await Promise.all(queues.map((queue) => redis.zcard(queue)))).reduce((sum, count) => sum + count, 0);
};

/** Alarms that stand in Redis. */
export const armedAlarms = (system: System): Promise<number> => onRedis(system, delayedJobs);

/** Empties the stack's own Redis, after asking it whether it is. Answers how many delayed jobs went. */
export const flush = (system: System): Promise<number> =>
  onRedis(system, async (redis) => {
    const pid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
    if (pid !== partOf(system, 'redis').pid) throw new Error(`the Redis that answers is process ${pid}, not the stack's`);
    const armed = await delayedJobs(redis);
    await redis.flushall();
    return armed;
  });
