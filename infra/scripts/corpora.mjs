// `npm run corpora`: real messages over MLLP into fresh systems, and what became of them.
import { join } from 'node:path';
import { nodePath, prepare, root, run } from './prepare.mjs';

try {
  await prepare();
  process.exitCode = await run(nodePath(), [join(root, 'e2e/dist/corpora/corpora.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
