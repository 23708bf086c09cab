// `npm run -s sbom > sbom.cdx.json`: the bill of materials (CycloneDX) of what an installation may bring, on any platform;
// `--installed`: of what lies here. npm's own `--omit dev` also drops what production and tests share
// (https://github.com/npm/cli/issues/7909), so the whole is asked for, and what the lockfile has for development only left out.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const npm = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
const asked = spawnSync('npm', npm, { cwd: root, encoding: 'utf8', maxBuffer: 256_000_000, stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' });
if (asked.status !== 0) process.exit(asked.status ?? 1);

const bill = JSON.parse(asked.stdout);
/** Our own, and for tests only. */
const BESIDE = ['@throughline/e2e', '@throughline/bench', '@throughline/testing'];
const installed = process.argv.includes('--installed');
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
// By name and version: a package may lie in several places, for development in some of them.
const wanted = new Set(
  Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.link && !entry.dev && (!installed || existsSync(join(root, path))))
    .map(([path, { name, version }]) => `${path.includes('node_modules/') ? path.slice(path.lastIndexOf('node_modules/') + 13) : name}@${version}`),
);
const idOf = ({ purl }) => decodeURIComponent(purl).replace(/^pkg:npm\//, '').replace(/\?.*$/, '');
const kept = bill.components.filter((component) => wanted.has(idOf(component)) && !BESIDE.some((name) => idOf(component).startsWith(`${name}@`)));
const refs = new Set([bill.metadata.component['bom-ref'], ...kept.map((component) => component['bom-ref'])]);
// npm names the application after the folder it lies in.
bill.metadata.component.name = 'throughline';
bill.components = kept;
bill.dependencies = bill.dependencies.filter(({ ref }) => refs.has(ref)).map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
process.stdout.write(`${JSON.stringify(bill, null, 2)}\n`);
