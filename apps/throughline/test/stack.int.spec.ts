import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, type Instance } from '../src/home/home.js';
import { Program, throughline } from './program.js';

/** Starts servers of its own: it needs what TEST_KAFKA_BROKERS and TEST_REDIS_URL stand for to be installed here. */
describe('throughline stack', () => {
  const home = mkdtempSync(join(tmpdir(), 'throughline-stack-'));
  // PostgreSQL runs as an account of its own when root runs the tests: without a way in, its data would lie elsewhere.
  chmodSync(home, 0o711);
  const instance = (): Instance => JSON.parse(readFileSync(join(home, 'instance.json'), 'utf8')) as Instance;
  let program: Program;

  afterAll(async () => {
    if (program.child.exitCode === null) await program.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('runs a process per service, leaves down what was killed until asked, and stops all of it', async () => {
    program = new Program(['stack', '--home', home, '--port', '0', '--mllp-port', '0']);
    await program.says(/^Throughline is ready: /m);
    const parts = instance().parts;
    expect(parts.map(({ name }) => name)).toEqual(['stack', 'postgres', 'kafka', 'redis', 'issuer', 'intake', 'care-plan', 'medication-reconciliation', 'scheduling', 'notification', 'front']);
    expect(new Set(parts.map(({ pid }) => pid)).size).toBe(parts.length);
    expect((await throughline('check', '--home', home)).last).toMatch(/^accepted \d+, discharges 10, episodes 10, lost 0, doubled 0, parked 0$/);

    const victim = parts.find(({ name }) => name === 'scheduling')!;
    process.kill(victim.pid, 'SIGKILL');
    await program.says(/scheduling \(process \d+\) has ended \(SIGKILL\)\. It stays down/);
    expect((await fetch(`${instance().url}/readyz`)).status).toBe(503);
    expect((await throughline('restart', 'scheduling', '--home', home)).last).toMatch(/^scheduling is up again: process \d+$/);
    expect(instance().parts.find(({ name }) => name === 'scheduling')!.pid).not.toBe(victim.pid);
    expect((await throughline('check', '--home', home)).last).toMatch(/lost 0, doubled 0, parked 0$/);

    const everything = instance().parts;
    const end = await program.stop();
    expect([end.code, end.last]).toEqual([0, 'Stopped. The data are kept.']);
    expect(everything.filter(isAlive)).toEqual([]);
  }, 240_000);
});
