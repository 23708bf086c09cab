import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { isAlive, type Instance } from '../src/home/home.js';
import { Browser } from './browser.js';
import { Program, throughline } from './program.js';

interface Task {
  readonly status: string;
  readonly dueAt?: string;
}

// Whole systems, on a machine that may be busy with others.
jest.setTimeout(240_000);

const READY = /^Throughline is ready: (http:\/\/127\.0\.0\.1:\d+)$/m;
const start = (home: string, ...more: string[]): Program => new Program(['start', '--home', home, '--port', '0', '--mllp-port', '0', ...more]);
const instanceAt = (home: string): Instance => JSON.parse(readFileSync(join(home, 'instance.json'), 'utf8')) as Instance;
const tokenAt = async (home: string, role: string): Promise<string> => (await throughline('token', '--as', role, '--home', home)).last;

const openTasks = async (url: string, token: string): Promise<readonly Task[]> => {
  const answer = await fetch(`${url}/api/care-plan/tasks?status=open&limit=200`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { items: Task[] }).items;
};

/** Asks again until the answer is right: everything here follows by itself, none of it at once. */
const until = async <T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> => {
  for (const end = Date.now() + 30_000; ; await delay(100)) {
    const answer = await ask();
    if (right(answer) || Date.now() > end) return answer;
  }
};

const folders: string[] = [];
const running: Program[] = [];
const newHome = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-home-'));
  // PostgreSQL runs as an account of its own when root runs the tests: without a way in, its data would lie elsewhere.
  chmodSync(folder, 0o711);
  folders.push(folder);
  return folder;
};
const started = async (home: string, ...more: string[]): Promise<{ program: Program; url: string }> => {
  const program = start(home, ...more);
  running.push(program);
  return { program, url: (await program.says(READY))[1]! };
};

afterAll(async () => {
  await Promise.all(running.map((program) => (program.child.exitCode === null ? program.stop() : undefined)));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('throughline start', () => {
  it('goes from nothing to a ward at work, stops cleanly and has everything again at the next start', async () => {
    const home = newHome();
    const { program, url } = await started(home);
    expect(program.out.match(new RegExp(READY, 'gm'))).toHaveLength(1);
    expect(program.out).toContain('casey.coordinator');
    expect(statSync(join(home, 'instance.json')).mode & 0o077).toBe(0);

    const token = await tokenAt(home, 'coordinator');
    const tasks = await until(() => openTasks(url, token), (found) => found.length > 20 && found.some(({ status }) => status === 'overdue'));
    expect(tasks.some(({ status }) => status === 'overdue')).toBe(true);
    expect(tasks.some(({ dueAt }) => dueAt !== undefined && new Date(dueAt) > new Date())).toBe(true);

    const check = await throughline('check', '--home', home);
    expect(check.last).toMatch(/^accepted \d+, discharges 10, episodes 10, lost 0, doubled 0, parked 0$/);
    expect(check.code).toBe(0);

    const taken = await throughline('start', '--home', home, '--port', '0', '--mllp-port', '0');
    expect([taken.code, taken.err]).toEqual([1, expect.stringContaining(`in use by process ${instanceAt(home).pid}`)]);
    const crowded = await throughline('start', '--home', newHome(), '--port', new URL(url).port, '--mllp-port', '0');
    expect([crowded.code, crowded.err]).toEqual([1, expect.stringMatching(/Port \d+ .* is taken\. Choose another with --port N/)]);

    const { parts } = instanceAt(home);
    const end = await program.stop('SIGINT');
    expect([end.code, end.last]).toEqual([0, 'Stopped. The data are kept.']);
    expect(parts.filter(isAlive)).toEqual([]);
    expect(existsSync(join(home, 'instance.json'))).toBe(false);

    const again = await started(home);
    expect(again.program.out).not.toContain('Demo ward');
    // A token outlives the restart: key and address of the issuer stay.
    expect((await openTasks(again.url, token)).length).toBe(tasks.length);
    expect((await again.program.stop('SIGTERM')).code).toBe(0);
  });

  it('serves two homes side by side, each with its own people signed in', async () => {
    const [one, two] = await Promise.all([started(newHome(), '--no-demo'), started(newHome(), '--no-demo')]);
    const browser = new Browser();
    for (const { url } of [one, two]) {
      const form = await browser.visit(`${url}/signin`);
      await browser.visit(new URL(/action="([^"]+)"/.exec(form.body)![1]!, form.url).href, { user: 'casey.coordinator', password: 'throughline-demo' });
    }
    for (const { url } of [one, two]) {
      expect(JSON.parse((await browser.visit(`${url}/session`)).body)).toMatchObject({ user: { sub: 'casey.coordinator' } });
      expect((await browser.visit(`${url}/api/care-plan/tasks`)).status).toBe(200);
    }
    await one.program.stop();
    expect((await fetch(`${two.url}/readyz`)).status).toBe(200);
    await two.program.stop();
  });

  it('takes discharges from its own client, the same one twice as one, and keeps a journal that check can hold against it', async () => {
    const home = newHome();
    const { program } = await started(home, '--no-demo');
    const file = join(home, 'stay.hl7');
    const message = (trigger: string, id: string): string =>
      [`MSH|^~\\&|TEST|HOSP|TL|TL|20260101120000+0000||ADT^${trigger}|${id}|P|2.5.1`, 'EVN||20260101120000+0000', 'PID|1||77^^^HOSP^MR||Sample^Ann||19500101|F', `PV1|1|I|||||||||||||||||V77^^^HOSP^VN|||||||||||||||||01||||||||20251228|${trigger === 'A03' ? '20260101115500+0000' : ''}`].join('\r');
    writeFileSync(file, [message('A01', 'm1'), message('A03', 'm2'), message('A03', 'm2')].join('\n\n'));
    const journal = join(home, 'journal');
    const sent = await throughline('send', '--home', home, '--journal', journal, file);
    expect([sent.code, sent.last]).toEqual([0, 'sent 3, AA 3, AE 0, AR 0, other 0, unanswered 0']);
    const check = await throughline('check', '--home', home, '--journal', journal);
    expect([check.code, check.last]).toEqual([0, 'accepted 2, discharges 1, episodes 1, lost 0, doubled 0, parked 0']);
    // Nothing can be quiet for two seconds within none.
    const early = await throughline('check', '--home', home, '--settle', '0');
    expect([early.code, early.err, early.last]).toEqual([2, 'not settled after 0 s, so the figures may change: quiet for less than two seconds\n', check.last]);
    const json = await throughline('check', '--home', home, '--settle', '0', '--json');
    expect([json.code, JSON.parse(json.last)]).toEqual([2, expect.objectContaining({ settled: false, lost: 0, doubled: 0 })]);
    expect(JSON.parse((await throughline('check', '--home', home, '--json')).last)).toMatchObject({ settled: true, accepted: 2 });
    writeFileSync(journal, `${JSON.stringify({ controlId: 'never', sender: 'TEST|HOSP', hash: '00', at: '2026-01-01T00:00:00Z' })}\n`);
    expect((await throughline('check', '--home', home, '--journal', journal)).code).toBe(1);
    expect((await throughline('check', '--home', home, '--journal', journal, '--settle', '0')).code).toBe(1);
    expect((await throughline('parked', 'list', '--home', home)).last).toBe('parked 0');
    expect((await throughline('positions', 'show', 'care-plan', '--home', home)).out).toContain('care-plan {');
    await program.stop();
  });

  it('says so when nothing runs at a home', async () => {
    const { code, err } = await throughline('token', '--as', 'nurse', '--home', newHome());
    expect([code, err]).toEqual([1, expect.stringContaining('Nothing runs at')]);
  });
});
