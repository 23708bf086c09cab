// `npm test`: everything, from a fresh clone. Ends with `N passed, N failed, N skipped` over all runners.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, environment, install, nodePath, nx, projects, root, run, say, scriptsOf } from './prepare.mjs';

/** A project's tests that are not through by then hang. */
const PATIENCE_MS = 20 * 60_000;
const strict = /^(1|true)$/i.test(process.env.CI ?? '');
const only = process.argv.slice(2);
const tally = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const begun = Date.now();
const stage = (title) => say(`\n== ${title} (${Math.round((Date.now() - begun) / 1000)} s)`);
const count = (name, good) => {
  tally[good ? 'passed' : 'failed'] += 1;
  if (!good) failures.push(name);
};

/** What tests need beside Node.js, how a test shows that it needs it, and whether it is here. */
const browser = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()).find(Boolean);
const kcat = spawnSync('sh', ['-c', 'command -v kcat'], { encoding: 'utf8' }).stdout.trim();
const needs = { PostgreSQL: /TEST_POSTGRES_URL|test-database/, Kafka: /TEST_KAFKA_BROKERS/, Redis: /TEST_REDIS_URL/, Chromium: /playwright-core|TEST_CHROMIUM/, kcat: /TEST_KCAT|['"`]kcat/ };

const startServers = () =>
  new Promise((done, fail) => {
    const child = spawn(nodePath(), [join(root, 'infra/scripts/test-servers.mjs')], { cwd: root, env: environment(), stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    child.on('error', fail);
    const ended = new Promise((over) => child.on('exit', over));
    ended.then(() => fail(new Error('the servers for the tests ended while starting')));
    createInterface({ input: child.stdout }).once('line', (line) =>
      done({
        ...JSON.parse(line),
        stop: () => {
          child.stdin.end();
          return ended;
        },
      }),
    );
  });

const specsOf = (folder) =>
  ['src', 'test'].flatMap((part) => {
    const place = join(root, folder, part);
    return existsSync(place) ? readdirSync(place, { recursive: true }).map(String).filter((name) => name.endsWith('.spec.ts')).map((name) => join(place, name)) : [];
  });

/** Test files that need something that is not here. */
const blocked = (folder, gaps) => specsOf(folder).filter((file) => gaps.some(({ name }) => needs[name].test(readFileSync(file, 'utf8'))));

const testProject = async (folder, env, gaps) => {
  const report = join(root, 'test-results', `${folder.replaceAll('/', '-')}.json`);
  rmSync(report, { force: true });
  const without = blocked(folder, gaps);
  tally.skipped += without.length;
  for (const file of without) say(`not run: ${file.slice(root.length + 1)}`);
  if (specsOf(folder).length === without.length) return;
  stage(folder);
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', join(root, 'node_modules/jest/bin/jest.js'), '--config', 'jest.config.mjs'];
  // Stories and servers share two cores: one file at a time where each file starts processes of its own.
  const pace = folder === 'e2e' || folder === 'apps/throughline' || folder === 'libs/local-servers' ? ['--runInBand'] : ['--maxWorkers=2'];
  const leave = without.flatMap((file) => ['--testPathIgnorePatterns', `${file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`]);
  const code = await run(nodePath(), [...jest, ...pace, '--passWithNoTests', '--json', `--outputFile=${report}`, ...leave], { cwd: join(root, folder), env, stdio: ['ignore', 'ignore', 'inherit'], timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  const result = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : undefined;
  tally.passed += result?.numPassedTests ?? 0;
  tally.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
  tally.failed += (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0);
  for (const suite of result?.testResults ?? []) if (suite.status === 'failed') failures.push(suite.name.slice(root.length + 1));
  const told = (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0) > 0;
  if (!result || (code !== 0 && !told)) count(`${folder} (jest ended with ${code})`, false);
};

const everything = async () => {
  await install();
  mkdirSync(join(root, 'test-results'), { recursive: true });
  stage('build');
  await build();
  if (only.length === 0) {
    stage('lint');
    count('lint', (await nx(['run-many', '-t', 'lint'], { quiet: true })) === 0);
    stage('types');
    count('types', (await nx(['run-many', '-t', 'typecheck'], { quiet: true })) === 0);
  }
  stage('servers for the tests');
  const servers = await startServers();
  try {
    const gaps = [...servers.gaps];
    if (!browser) gaps.push({ name: 'Chromium', why: 'no chromium was found (Debian, Ubuntu: `apt-get install chromium`)' });
    if (!kcat) gaps.push({ name: 'kcat', why: 'kcat was not found (Debian, Ubuntu: `apt-get install kcat`)' });
    for (const { name, why } of gaps) {
      say(`${name} is not available, so the tests that need it are not run: ${why}`);
      if (strict) count(`${name} is missing`, false);
    }
    const env = environment({ ...servers.env, ...(browser ? { TEST_CHROMIUM: browser } : {}), ...(kcat ? { TEST_KCAT: kcat } : {}), FORCE_COLOR: '0' });
    for (const folder of projects().filter((name) => scriptsOf(name).test !== undefined && (only.length === 0 || only.includes(name)))) await testProject(folder, env, gaps);
  } finally {
    await servers.stop();
  }
};

try {
  await everything();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  count('the test run itself', false);
}
say('');
for (const name of failures) say(`failed: ${name}`);
say(`${Math.round((Date.now() - begun) / 1000)} s`);
say(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exit(tally.failed > 0 ? 1 : 0);
