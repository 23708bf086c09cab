import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hl7Time } from '@throughline/testing/hl7-builder';
import { eventually, root, System } from '@throughline/testing/system';
import { fiveOpen, Stay } from '../src/stories/ward.js';

interface Line {
  readonly number: number;
  readonly type: string;
  readonly patientId: string;
}

/** The guide for tool builders hands this program out: what it promises there is tried here, as a stranger would. */
describe('docs/examples/subscriber.mjs', () => {
  let system: System;
  const folder = mkdtempSync(join(tmpdir(), 'throughline-subscriber-'));
  beforeAll(async () => {
    system = await System.start('embedded');
  }, 240_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await system?.discard();
  }, 60_000);

  const subscribe = (token: string) => {
    const child = spawn('node', [join(root, 'docs/examples/subscriber.mjs'), system.url, join(folder, 'last-notice')], {
      env: { ...process.env, THROUGHLINE_TOKEN: token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [printed, said] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const lines = (): Line[] => printed.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Line);
    return { lines, said: () => said, ended, kill: () => (child.kill('SIGKILL'), ended) };
  };

  it('prints every notice once, also those that came while it was not running', async () => {
    const token = await system.token('subscriber');
    const stay = new Stay(system);
    await stay.sent('A03');
    const first = subscribe(token);
    await eventually('five notices', () => Promise.resolve(first.lines().length === 5));
    // It keeps the number after its work: killed between the two, it would rightly print that notice again.
    await eventually('the fifth is kept', () => Promise.resolve(readFileSync(join(folder, 'last-notice'), 'utf8') === String(first.lines().at(-1)?.number)));
    await first.kill();

    await stay.sent('A13');
    await stay.tasksWhen('withdrawn', (tasks) => tasks.every((task) => task.status === 'withdrawn'));
    const second = subscribe(token);
    await eventually('five more', () => Promise.resolve(second.lines().length === 5));
    await stay.sent('A03', { recordedAt: hl7Time(new Date(stay.leftAt.getTime() + 3_600_000)) });
    await stay.tasksWhen('a new discharge', (tasks) => fiveOpen(tasks.filter((task) => task.status !== 'withdrawn')));
    await eventually('five live ones', () => Promise.resolve(second.lines().length === 10));
    await second.kill();

    const lines = [...first.lines(), ...second.lines()];
    expect(lines.map((line) => line.number)).toEqual(lines.map((_, at) => at + 1));
    expect(lines.map((line) => line.type.split('.')[2])).toEqual([...Array(5).fill('opened'), ...Array(5).fill('withdrawn'), ...Array(5).fill('opened')]);
    expect(second.said()).toBe('');
  });

  it('ends and says why when its token is refused', async () => {
    const refused = subscribe('not-a-token');
    expect(await refused.ended).toBe(1);
    expect(refused.said()).toContain('401');
  });
});
