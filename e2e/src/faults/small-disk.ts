import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './fault.js';
import { restart, stillRuns } from './strikes.js';

const SIZE_MB = 320;
const FULL_MS = 8_000;
const BLOCK = Buffer.alloc(1024 * 1024);

const diskOf = (home: string): string => join(home, 'postgres');

const mounted = (command: string, ...args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${error?.message ?? stderr.trim()}`);
};

/** PostgreSQL's data folder becomes a small disk of its own. */
export const onSmallDisk = (home: string): (() => void) => {
  const disk = diskOf(home);
  mkdirSync(disk, { mode: 0o700 });
  mounted('mount', '-t', 'tmpfs', '-o', `size=${SIZE_MB}m,mode=700,uid=65534,gid=65534`, 'tmpfs', disk);
  return () => mounted('umount', '-l', disk);
};

/** Only who may mount can make a small disk. */
const unable = (): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can make a small disk';
  const tried = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { encoding: 'utf8' });
  return tried.status === 0 ? undefined : `this machine lets nobody mount a disk (${(tried.stderr ?? '').trim() || tried.error?.message})`;
};

/** Writes until nothing goes in any more. */
const fill = (file: string): void => {
  const open = openSync(file, 'a');
  try {
    for (;;) writeSync(open, BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(open);
  }
};

const strike: Fault['strike'] = async ({ system }) => {
  const disk = diskOf(system.home);
  const file = join(disk, 'something-else');
  for (const until = Date.now() + FULL_MS; Date.now() < until; await delay(200)) fill(file);
  const { bavail } = statfsSync(disk);
  const died = !stillRuns(system, 'postgres');
  rmSync(file);
  const from = Date.now();
  if (died) await restart(system, 'postgres');
  return {
    from,
    what: `disk of ${SIZE_MB} MB full for ${FULL_MS / 1000} s${died ? '; PostgreSQL ended, started again with room' : ''}`,
    problems: bavail === 0 ? [] : ['the disk was never full'],
  };
};

export const smallDisk: readonly Fault[] = [{ stand: 'small disk', name: 'disk full: postgres', unable, strike }];
