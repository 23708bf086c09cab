import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';

/** What processes have used, read from /proc; on systems without it nothing is measured. */
export interface Usage {
  /** User and system time since the start, in seconds. */
  readonly cpuSeconds: number;
  /** Memory in MB; shared pages are counted once over all processes that share them, where the kernel says so. */
  readonly memoryMb: number;
}

const TICKS = 100;

const statOf = (pid: number): { readonly parent: number; readonly ticks: number } | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may hold anything; what follows the last one are numbers.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    // Own time, and that of children which have ended.
    return { parent: fields[1]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
};

const memoryOf = (pid: number): number => {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
};

const children = (): ReadonlyMap<number, readonly number[]> => {
  const found = new Map<number, number[]>();
  let pids: readonly number[] = [];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  } catch {
    return found;
  }
  for (const pid of pids) {
    const parent = statOf(pid)?.parent;
    if (parent !== undefined) found.set(parent, [...(found.get(parent) ?? []), pid]);
  }
  return found;
};

/** Name -> usage. A name in `whole` stands for its descendants too (PostgreSQL has a process per connection). */
export const usageOf = (parts: readonly { readonly name: string; readonly pid: number }[], whole: ReadonlySet<string>): ReadonlyMap<string, Usage> => {
  const below = children();
  const family = (pid: number): readonly number[] => [pid, ...(below.get(pid) ?? []).flatMap(family)];
  return new Map(
    parts.map(({ name, pid }) => {
      const pids = whole.has(name) ? family(pid) : [pid];
      const cpuSeconds = pids.reduce((sum, one) => sum + (statOf(one)?.ticks ?? 0) / TICKS, 0);
      return [name, { cpuSeconds, memoryMb: pids.reduce((sum, one) => sum + memoryOf(one), 0) }];
    }),
  );
};

/** Seconds that all cores together were busy since the start: tells how much of the machine others used. */
export const busySeconds = (): number => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1_000;
