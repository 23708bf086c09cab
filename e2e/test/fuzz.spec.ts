import { spawnSync } from 'node:child_process';
import { root } from '@throughline/testing/system';

describe('broken HL7 messages', () => {
  // A million: `npm run fuzz`.
  it.each([1, 2])('neither crash nor hang framer, parser and translation, and none is kept (seed %i)', (seed) => {
    const run = spawnSync(process.execPath, ['--expose-gc', `${root}e2e/dist/fuzz/fuzz.js`, '--inputs', '30000', '--seed', String(seed)], { encoding: 'utf8' });
    expect([run.stdout, run.stderr, run.status]).toEqual([expect.stringContaining('30000 inputs'), '', 0]);
  });
});
