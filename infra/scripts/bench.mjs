// `npm run bench`: how many discharges a second this machine carries from message to task, and how fast.
import { join } from 'node:path';
import { nodePath, prepare, root, run } from './prepare.mjs';

try {
  await prepare();
  process.exitCode = await run(nodePath(), ['--disable-warning=TimeoutNegativeWarning', join(root, 'bench/dist/bench.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
