import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { documents } from './documents.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
for (const [path, text] of documents()) {
  const file = root + path;
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, text);
}
