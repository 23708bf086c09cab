#!/usr/bin/env node
// Runs on whatever Node.js the machine has (20 or newer): hands over to the checkout's own Node.js 24.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = resolve(project, '../..');
const main = join(project, 'dist/main.js');
if (!existsSync(main)) {
  console.error('Throughline is not built yet. Run `npm start` (or `npm ci && npm run build`) in the checkout first.');
  process.exit(1);
}

const major = Number(process.versions.node.split('.')[0]);
const own = join(root, 'node_modules/.bin/node');
if (major >= 24) {
  await import(main);
} else if (!existsSync(own)) {
  console.error(`Throughline needs Node.js 24; this is ${process.version} and the checkout brings none for this platform. Install Node.js 24.`);
  process.exit(1);
} else {
  const child = spawn(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal's Ctrl-C reaches the child by itself; a signal sent to this process alone has to be passed on.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
