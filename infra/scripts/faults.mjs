// `npm run faults`: kills every part of a running stack in the middle of a stream of discharges, and counts what is left.
import { join } from 'node:path';
import { nodePath, prepare, root, run } from './prepare.mjs';

try {
  await prepare();
  process.exitCode = await run(nodePath(), [join(root, 'e2e/dist/faults/faults.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}
