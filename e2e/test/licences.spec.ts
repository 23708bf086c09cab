import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '@throughline/testing/system';

interface Lock {
  packages: Record<string, { version?: string; license?: string; dev?: boolean; link?: boolean; optional?: boolean; devOptional?: boolean; peer?: boolean }>;
}

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
const check = (...flags: string[]) => spawnSync('node', [join(root, 'infra/scripts/licences.mjs'), '--check', ...flags], { encoding: 'utf8' });

describe('what an installation brings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-licences-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const checkWith = (more: Lock['packages']) => {
    const lockfile = join(folder, 'package-lock.json');
    writeFileSync(lockfile, JSON.stringify({ ...lock, packages: { ...lock.packages, ...more } }));
    return check(`--lockfile=${lockfile}`);
  };

  it('is listed with its licences, all of them accepted', () => {
    expect(check()).toMatchObject({ status: 0, stderr: '' });
  });

  it.each(['GPL-3.0-only', 'MIT AND AGPL-3.0-or-later', 'SSPL-1.0', 'SEE LICENSE IN LICENSE.md', 'UNLICENSED', 'CC-BY-NC-4.0'])('may not be %s', (license) => {
    const { status, stderr } = checkWith({ 'node_modules/stranger': { version: '1.0.0', license } });
    expect(status).toBe(1);
    expect(stderr).toContain(`stranger@1.0.0: ${license} is not among the licences we accept`);
  });

  it('may not be without a licence', () => {
    expect(checkWith({ 'node_modules/stranger': { version: '1.0.0' } }).stderr).toContain('stranger@1.0.0: not stated is not among');
  });

  it('may leave us the choice, and is listed anew when it changes', () => {
    const { status, stderr } = checkWith({ 'node_modules/stranger': { version: '1.0.0', license: '(GPL-2.0-only OR MIT)' } });
    expect([status, stderr]).toEqual([1, 'docs/licences.md is not current: npm run licences\n']);
  });

  it('may have what it likes where it is only built and tested with', () => {
    expect(checkWith({ 'node_modules/stranger': { version: '1.0.0', license: 'GPL-3.0-only', dev: true } }).status).toBe(0);
  });

  it('is in the list for machines, and nothing else is', () => {
    const { stdout } = spawnSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8', maxBuffer: 64_000_000, shell: process.platform === 'win32' });
    const { bomFormat, components } = JSON.parse(stdout) as { bomFormat: string; components: readonly { name: string; version: string; purl: string }[] };
    expect(bomFormat).toBe('CycloneDX');
    const listed = new Set(components.map(({ purl }) => decodeURIComponent(purl).replace(/^pkg:npm\//, '').replace(/\?.*$/, '')));
    const named = (wanted: (entry: Lock['packages'][string]) => boolean) =>
      Object.entries(lock.packages).filter(([path, entry]) => path.includes('node_modules/') && !entry.link && wanted(entry)).map(([path, entry]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${entry.version}`);
    const needed = named((entry) => !entry.dev && !entry.optional && !entry.devOptional && !entry.peer);
    expect(needed.filter((one) => !listed.has(one))).toEqual([]);
    const brought = new Set(named((entry) => !entry.dev));
    expect([...listed].filter((one) => !one.startsWith('@throughline/') && !brought.has(one))).toEqual([]);
  }, 60_000);
});
