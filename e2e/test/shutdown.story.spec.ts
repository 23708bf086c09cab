import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, root, System, throughline, type Run } from '@throughline/testing/system';
import { SenderJournal } from '../src/faults/sender-journal.js';
import { EndlessStream } from '../src/proofs/endless-stream.js';
import { fiveOpen, states, Stay } from '../src/stories/ward.js';

const IN_FULL_FLOW = 60;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** `npm start` that is expected to give up. */
const refusedStart = async (...args: string[]): Promise<Run> => {
  const child = spawn('node', [`${root}infra/scripts/start.mjs`, '--no-demo', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output, last: output.trimEnd().split('\n').at(-1) ?? '' };
};

describe('stopping in the middle of the day', () => {
  let one: System;
  let other: System;
  let neighbour: Stay;
  let journal: SenderJournal;
  const folders: string[] = [];
  const again = (system: System): Promise<System> => System.start('embedded', { home: system.home, port: Number(new URL(system.url).port), mllpPort: system.mllpPort });
  const checked = async (): Promise<void> => {
    const run = await throughline(['check', '--home', one.home, '--journal', journal.path, '--settle', '240']);
    expect(run.last).toMatch(/^accepted \d+, discharges \d+, episodes \d+, lost 0, doubled 0, parked 0$/);
    expect([run.code, run.output]).toEqual([0, expect.not.stringContaining('not settled')]);
  };
  const parts = (system: System): number[] => (system.instance()['parts'] as { pid: number }[]).map(({ pid }) => pid);

  beforeAll(async () => {
    [one, other] = await Promise.all([System.start('embedded'), System.start('embedded')]);
    const folder = mkdtempSync(join(tmpdir(), 'throughline-journal-'));
    folders.push(folder);
    journal = new SenderJournal(join(folder, 'journal'));
    neighbour = new Stay(other);
    await neighbour.sent('A03');
    await neighbour.tasksWhen('five tasks', fiveOpen);
  }, 480_000);
  afterAll(async () => {
    journal?.close();
    await Promise.all([one?.discard(), other?.discard()]);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  it('Ctrl-C in the middle of a stream ends cleanly, and everything answered AA is there after the next start', async () => {
    const kept = new Stay(one);
    await kept.sent('A03');
    const [contact] = (await kept.tasksWhen('five tasks', fiveOpen)).filter((task) => task.stepId === 'contact');
    const claim = await one.call('POST', `/api/care-plan/tasks/${contact!.id}/claim`, { as: 'nurse', body: {}, headers: { 'idempotency-key': kept.mrn, 'if-match': `"${contact!.version}"` } });
    expect(claim.status).toBeLessThan(300);

    const before = parts(one);
    const stream = new EndlessStream(one, journal);
    await eventually('the stream is in full flow', () => Promise.resolve(journal.lines >= IN_FULL_FLOW), 120);
    // As a terminal does it: every process of the group hears it, and the program twice.
    const ended = new Promise<number | null>((resolve) => one.child.once('exit', resolve));
    process.kill(-one.child.pid!, 'SIGINT');
    expect(await ended).toBe(0);
    await stream.ended();
    expect(stream.refused).toEqual([]);
    expect(one.output()).toMatch(/Stopped\. The data are kept\.\s*$/);
    expect(one.output()).not.toContain('could not stop in good order');
    expect(before.filter(alive)).toEqual([]);
    expect(existsSync(join(one.home, 'instance.json'))).toBe(false);
    const complaints = readFileSync(join(one.home, 'throughline.log'), 'utf8').split('\n').filter((line) => /"level":"(error|fatal)"|did not stop cleanly/.test(line));
    expect(complaints).toEqual([]);

    one = await again(one);
    await checked();
    // What nobody answered is sent again by whoever sent it, and is one with what may have been stored.
    for (const message of stream.unanswered) {
      expect((await kept.send(message)).code).toBe('AA');
      journal.accepted(message);
    }
    await checked();
    const tasks = await kept.tasks();
    expect(states(tasks)).toMatchObject({ contact: 'open', visit: 'open' });
    expect(tasks.find((task) => task.id === contact!.id)?.assignee).toEqual(expect.any(String));
  }, 600_000);

  it('nor is anything lost when the program is killed instead', async () => {
    const before = journal.lines;
    const stream = new EndlessStream(one, journal);
    await eventually('the stream is in full flow', () => Promise.resolve(journal.lines >= before + IN_FULL_FLOW), 120);
    const ended = new Promise((resolve) => one.child.once('exit', resolve));
    process.kill(-one.child.pid!, 'SIGKILL');
    await Promise.all([ended, stream.ended()]);
    one = await again(one);
    await checked();
  }, 600_000);

  it('a taken port and a home in use are named, with what to do, and nothing that runs is disturbed', async () => {
    const [port, mllpPort] = [await freePort(), await freePort()].map(String) as [string, string];
    const home = mkdtempSync(join(tmpdir(), 'throughline-refused-'));
    folders.push(home);
    const free = ['--port', port, '--mllp-port', mllpPort];
    const taken = new URL(other.url).port;
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--home', home, '--port', taken, '--mllp-port', mllpPort], new RegExp(`^throughline: Port ${taken} .*is taken.*--port`, 'm')],
      [['--home', home, '--port', port, '--mllp-port', String(other.mllpPort)], new RegExp(`^throughline: Port ${other.mllpPort} .*is taken.*--mllp-port`, 'm')],
      [['--home', other.home, ...free], /^throughline: The home .* is in use by process \d+\..*--home/m],
    ];
    for (const [args, words] of cases) {
      const { code, output } = await refusedStart(...args);
      expect(output).toMatch(words);
      expect(output).not.toMatch(/^\s+at /m);
      expect(code).toBe(1);
    }
    expect((await other.call('GET', '/readyz')).status).toBe(200);
    expect(existsSync(join(other.home, 'instance.json'))).toBe(true);
  }, 240_000);

  it('the system beside it was disturbed by none of this', async () => {
    expect(await neighbour.tasks()).toHaveLength(5);
    const run = await throughline(['check', '--home', other.home]);
    expect([run.code, run.last]).toEqual([0, 'accepted 1, discharges 1, episodes 1, lost 0, doubled 0, parked 0']);
    expect(await other.stop()).toBe(0);
    expect((await one.call('GET', '/readyz')).status).toBe(200);
  }, 240_000);
});
