// `npm run corpora`: real messages over MLLP, one fresh system per file, and what became of each.
import { join } from 'node:path';
import { nodePath, prepare, root, run } from './prepare.mjs';

try {
  await prepare();
  process.exitCode = await run(nodePath(), [join(root, 'bench/dist/corpora.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
