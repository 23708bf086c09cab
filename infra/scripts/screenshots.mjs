// `npm run screenshots`: plays a morning in the demo ward in an instance of its own and takes the README's pictures of it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { chromium } from 'playwright-core';
import { environment, nodePath, prepare, root, say } from './prepare.mjs';

const MOST_BYTES = 150_000;
const folder = join(root, 'docs/pictures');
const program = join(root, 'apps/throughline/dist/main.js');
const home = mkdtempSync(join(tmpdir(), 'throughline-pictures-'));

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const browserPath = () => {
  const found = process.env.TEST_CHROMIUM ?? ['chromium', 'chromium-browser', 'google-chrome'].map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()).find(Boolean);
  if (!found) throw new Error('No chromium was found (Debian, Ubuntu: `apt-get install chromium`), or name one in TEST_CHROMIUM.');
  return found;
};

/** An embedded instance with the demo ward, on ports and in a folder of its own. */
const start = async () => {
  const [port, mllp] = [await freePort(), await freePort()];
  const child = spawn(nodePath(), [program, 'start', '--port', String(port), '--mllp-port', String(mllp), '--home', home], { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((over) => child.once('exit', over));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  let output = '';
  const ready = new Promise((done, fail) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const [, url] = /Throughline is ready:\s+(\S+)/.exec(output) ?? [];
      const [, password] = /Password:\s+(\S+)/.exec(output) ?? [];
      if (url && password) done({ url, password, stop });
    });
    ended.then((code) => fail(new Error(`The instance ended with ${code} while starting:\n${output}`)));
  });
  const patience = new Promise((_done, fail) => setTimeout(() => fail(new Error(`The instance was not ready within two minutes:\n${output}`)), 120_000).unref());
  try {
    return await Promise.race([ready, patience]);
  } catch (error) {
    await stop();
    throw error;
  }
};

const signedIn = async (browser, { url, password }, name) => {
  const context = await browser.newContext({ viewport: { width: 1100, height: 580 }, locale: 'en-US', timezoneId: 'America/New_York', colorScheme: 'light', reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel(new RegExp(name, 'i')).check();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: /sign in/i }).click();
  await page.getByRole('heading', { name: 'Worklist' }).waitFor();
  return page;
};

const tokenOf = (role) => {
  const { stdout, stderr, status } = spawnSync(nodePath(), [program, 'token', '--as', role, '--home', home], { cwd: root, env: environment(), encoding: 'utf8' });
  if (status !== 0) throw new Error(`No token for ${role}: ${stderr}`);
  return stdout.trim().split('\n').at(-1);
};

/** What colleagues did before the morning: most of what was late is done, some tasks are somebody's, one waits. */
const earlierWork = async ({ url }) => {
  const call = async (as, method, path, body, version) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', ...(version ? { 'if-match': `"${version}"` } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const [coordinator, nurse] = [tokenOf('coordinator'), tokenOf('nurse')];
  const openTasks = async () => (await call(coordinator, 'GET', '/api/care-plan/tasks?status=open&limit=200')).items;
  // The ward has been played once every discharge has its tasks.
  let open = [];
  for (let last = -1; open.length === 0 || open.length !== last; ) {
    last = open.length;
    await new Promise((wait) => setTimeout(wait, 2_000));
    open = await openTasks();
  }
  const OUTCOMES = { contact: 'reached', 'obtain-summary': 'received', reconcile: 'done-elsewhere', 'book-visit': 'booked-elsewhere', visit: 'seen' };
  const late = open.filter((task) => task.status === 'overdue').slice(0, -4);
  for (const { id, stepId, version } of late) await call(coordinator, 'POST', `/api/care-plan/tasks/${id}/complete`, { outcome: OUTCOMES[stepId] }, version);
  open = (await openTasks()).sort((a, b) => a.dueAt.localeCompare(b.dueAt));
  const [first, , third] = open;
  for (const { id, version } of [first, third]) await call(nurse, 'POST', `/api/care-plan/tasks/${id}/claim`, {}, version);
  const contact = open.find((task) => task.status === 'open' && task.stepId === 'contact');
  await call(coordinator, 'POST', '/api/care-plan/contacts', { patientId: contact.patientId, episodeId: contact.episodeId, at: new Date(Date.now() - 60_000).toISOString(), mode: 'telephone', with: 'patient', outcome: 'left-message' });
  await call(coordinator, 'POST', `/api/care-plan/tasks/${contact.id}/claim`, {}, contact.version);
  await call(coordinator, 'POST', `/api/care-plan/tasks/${contact.id}/snooze`, { until: new Date(Math.min(Date.now() + 3 * 3_600_000, Date.parse(contact.dueAt))).toISOString(), reason: 'waiting-for-call-back' }, contact.version + 1);
  return contact;
};

const picture = async (page, name, about, part = page) => {
  // What was said a moment ago is not part of the picture.
  await page.mouse.move(0, 0);
  const path = join(folder, `${name}.png`);
  await part.screenshot({ path });
  const { size } = statSync(path);
  say(`${relative(root, path)}  ${Math.round(size / 1000)} kB  ${about}`);
  if (size > MOST_BYTES) throw new Error(`${path} is larger than ${MOST_BYTES / 1000} kB`);
};

const take = async (browser, instance) => {
  for (const name of ['Nina', 'Corey', 'Paul']) await (await signedIn(browser, instance, name)).context().close();
  const page = await signedIn(browser, instance, 'Casey');
  const called = await earlierWork(instance);
  await page.reload();
  await page.getByText('Snoozed (1)').waitFor();
  await page.getByTestId('live').getByText('Live', { exact: true }).waitFor();
  await picture(page, 'worklist', 'the worklist');

  const row = page.locator('tr[data-task][data-status="overdue"]').first();
  await row.getByRole('button', { name: 'Why?' }).click();
  await page.getByTestId('thread').getByText(/^Message .* from/).waitFor();
  // The whole dialog, which is higher than the list's picture.
  const size = page.viewportSize();
  await page.setViewportSize({ ...size, height: 900 });
  await picture(page, 'why', 'why a task is there', page.getByRole('dialog'));
  await page.setViewportSize(size);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });

  const summaries = page.locator('tr[data-step="obtain-summary"]:not([data-snoozed])');
  for (const index of [0, 1, 2]) await summaries.nth(index).getByRole('checkbox').check();
  await page.getByRole('button', { name: 'Complete 3' }).click();
  await page.getByRole('radio', { name: 'Received and in the record' }).check();
  await picture(page, 'bulk', 'several tasks at once');
  await page.keyboard.press('Escape');

  // Wide enough for plan and timeline beside each other.
  await page.setViewportSize({ width: 1240, height: 640 });
  await page.goto(`${instance.url}/patients/${called.patientId}`);
  await page.getByText(/Medicines as received/).waitFor();
  await page.getByText('Left a message').or(page.getByText(/Contact with the patient/)).first().waitFor();
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await picture(page, 'patient', 'a patient');
};

let instance;
let browser;
try {
  await prepare();
  mkdirSync(folder, { recursive: true });
  const executablePath = browserPath();
  say('Starting an instance with the demo ward ...');
  instance = await start();
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
  await take(browser, instance);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await browser?.close();
  await instance?.stop();
  rmSync(home, { recursive: true, force: true });
}
