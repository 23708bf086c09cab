// `npm run fuzz`: a million broken HL7 messages; none may crash, hang or be kept.
import { join } from 'node:path';
import { nodePath, prepare, root, run } from './prepare.mjs';

try {
  await prepare();
  process.exitCode = await run(nodePath(), ['--expose-gc', join(root, 'e2e/dist/fuzz/fuzz.js'), ...process.argv.slice(2)]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
