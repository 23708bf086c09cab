import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What tells one life of a process id from the next: ids are used again, after a restart of the machine above all. */
export const processMark = (pid: number): string | undefined => {
  try {
    if (process.platform === 'linux') {
      // The command's name (field 2) may hold spaces and brackets, so count from behind it; field 22 is the start in ticks since boot.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') return undefined;
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || undefined;
  } catch {
    return undefined;
  }
};
