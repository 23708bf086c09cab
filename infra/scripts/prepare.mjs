// Plain JavaScript without dependencies, on Node.js 20 or newer: the first thing that runs on a bare machine.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = join(root, 'node_modules/.bin');
/** Written by npm itself at the end of every install. */
const installed = join(root, 'node_modules/.package-lock.json');
const lockfile = join(root, 'package-lock.json');
const stamp = join(root, 'node_modules/.throughline-build');
const major = () => Number(process.versions.node.split('.')[0]);

export const say = (line) => console.log(line);

/** The checkout's own Node.js 24; on platforms it brings none for, the one that runs this, if it is new enough. */
export const nodePath = () => {
  const own = join(bin, process.platform === 'win32' ? 'node.cmd' : 'node');
  if (existsSync(own)) return own;
  if (major() >= 24) return process.execPath;
  throw new Error(`This platform needs Node.js 24 or newer installed (this is ${process.version}); on Linux the checkout brings its own.`);
};

/** Environment in which `node` means Node.js 24 for whatever is started below. */
export const environment = (more = {}) => ({ ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', ...more });

/**
 * Runs a command to its end with the terminal attached; answers its exit code. A signal that reaches only this process is
 * passed on; the terminal's Ctrl-C reaches the whole group by itself, and the child decides when to leave.
 */
export const run = (command, args, { watch, ...options } = {}) =>
  new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: environment(), ...options });
    watch?.(child);
    const passOn = (signal) => child.kill(signal);
    // Without a terminal nobody else delivers SIGINT to the child.
    const interrupt = () => (process.stdin.isTTY ? undefined : passOn('SIGINT'));
    process.on('SIGINT', interrupt);
    process.on('SIGTERM', passOn);
    process.on('SIGHUP', passOn);
    const leave = () => {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', passOn);
      process.off('SIGHUP', passOn);
    };
    child.on('error', (error) => (leave(), fail(error)));
    child.on('close', (code, signal) => (leave(), done(code ?? 128 + (constants.signals[signal] ?? 0))));
  });

const checkNode = () => {
  if (major() < 20) throw new Error(`Throughline needs Node.js 20 or newer to start (it then brings its own Node.js 24); this is ${process.version}.`);
};

/** Whether what npm says it installed is what the lockfile asks for. Optional packages of other platforms may be absent. */
const isInstalled = () => {
  if (!existsSync(installed)) return false;
  const [wanted, found] = [lockfile, installed].map((file) => JSON.parse(readFileSync(file, 'utf8')).packages);
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    if (!found[path]) return entry.optional === true || entry.devOptional === true || entry.peer === true;
    return found[path].version === entry.version && found[path].link === entry.link;
  });
};

export const install = async () => {
  if (isInstalled()) return;
  say(existsSync(installed) ? 'The list of packages has changed: installing (npm ci) ...' : 'Installing what Throughline needs (npm ci, about a minute) ...');
  const begun = Date.now();
  const ticker = setInterval(() => say(`  still installing, ${Math.round((Date.now() - begun) / 1000)} s`), 10_000);
  // npm's own command line when npm started us: then it is the same npm, on every platform.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = await (npm?.endsWith('.js') ? run(process.execPath, [npm, ...args]) : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { shell: process.platform === 'win32' })).finally(() => clearInterval(ticker));
  if (code !== 0) throw new Error(`npm ci failed with exit code ${code}; its message is above.`);
  say(`Installed in ${Math.round((Date.now() - begun) / 1000)} s.`);
};

const filesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === 'test' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });

/** Which sources the build was made from: names, sizes and times, which takes milliseconds to read. */
const fingerprint = () => {
  const sources = ['apps', 'libs', 'bench', 'e2e'].filter((folder) => existsSync(join(root, folder))).flatMap((folder) => filesOf(join(root, folder)));
  const hash = createHash('sha256');
  for (const file of [...sources, join(root, '.swcrc'), join(root, 'nx.json'), lockfile].sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)}\u0000${size}\u0000${mtimeMs}\n`);
  }
  return hash.digest('hex');
};

/** Every project's folder. */
export const projects = () => [
  ...['libs', 'apps'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
  'e2e',
  'bench',
].filter((folder) => existsSync(join(root, folder, 'package.json')));

export const scriptsOf = (folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).scripts ?? {};

const holdsSources = (folder) => existsSync(join(root, folder, 'src')) && filesOf(join(root, folder, 'src')).some((file) => /\.tsx?$/.test(file) && !/\.spec\.tsx?$/.test(file));
const unbuilt = () => projects().some((folder) => scriptsOf(folder).build !== undefined && holdsSources(folder) && !existsSync(join(root, folder, 'dist')));

/**
 * One command of Nx over all projects; answers its exit code. Quietly: a line now and then about how far it is, and what it
 * printed only when it failed.
 */
export const nx = async (args, { quiet = false } = {}) => {
  const home = join(root, 'node_modules/nx');
  const program = join(home, JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).bin.nx);
  const command = [program, ...args, '--outputStyle=static'];
  if (!quiet) return run(nodePath(), command);
  let printed = '';
  const begun = Date.now();
  const ticker = setInterval(() => say(`  still at it, ${Math.round((Date.now() - begun) / 1000)} s`), 5_000);
  const code = await run(nodePath(), command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    watch: (child) => {
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
    },
  }).finally(() => clearInterval(ticker));
  if (code !== 0) say(printed);
  return code;
};

export const build = async () => {
  const wanted = fingerprint();
  if (!unbuilt() && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Building ...');
  const begun = Date.now();
  const code = await nx(['run-many', '-t', 'build'], { quiet: true });
  if (code !== 0) throw new Error(`The build failed with exit code ${code}; its messages are above.`);
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
  say(`Built in ${Math.round((Date.now() - begun) / 1000)} s.`);
};

/** Installs and builds what is missing or stale. Nothing to do takes a fraction of a second. */
export const prepare = async () => {
  checkNode();
  await install();
  await build();
};

/** Runs one verb of the program in this terminal and leaves with its exit code. */
export const runProgram = async (...args) => {
  try {
    await prepare();
    process.exitCode = await run(nodePath(), [join(root, 'apps/throughline/dist/main.js'), ...args]);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
};
