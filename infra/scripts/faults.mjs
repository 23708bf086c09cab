// `npm run faults`: breaks a running stack in every way that its table names, in the middle of a stream of discharges, and
// counts what is left. `-- --only NAME,NAME` runs the rows whose names hold one of these; `--times 3` each of them so often.
import { join } from 'node:path';
import { nodePath, prepare, root, run } from './prepare.mjs';

try {
  await prepare();
  process.exitCode = await run(nodePath(), ['--disable-warning=TimeoutNegativeWarning', join(root, 'e2e/dist/faults/faults.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exitCode = 1;
}
