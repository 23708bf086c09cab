import { eventually, System } from '@throughline/testing/system';
import type { Page } from 'playwright-core';
import { theOperationsRoom } from '../src/stories/operations-room.js';
import { escaped, focusIsIn, hurdles, Screen } from '../src/stories/screen.js';
import { fiveOpen, Stay } from '../src/stories/ward.js';
import { whoIsWho } from '../src/stories/who-is-who.js';

/** A coordinator at the screen: a real browser, the console behind `front`, nothing reloaded by hand. */
describe('the console', () => {
  let system: System;
  let screen: Screen;
  const signedIn = (user: string): Promise<Page> => screen.signedIn(user);
  const rowOf = (page: Page, stay: Stay, step: string) => page.locator(`tr[data-step="${step}"]`, { hasText: stay.family });

  beforeAll(async () => {
    system = await System.start('embedded');
    screen = await Screen.open(system);
  }, 240_000);
  afterEach(() => screen.leave());
  afterAll(async () => {
    await screen?.browser.close();
    await system?.discard();
  }, 60_000);

  it('shows a discharge without reloading, says why a task is there, and completes it with an outcome', async () => {
    const page = await signedIn('Casey');
    await page.getByTestId('live').getByText('Live', { exact: true }).waitFor();
    const stay = new Stay(system);
    await stay.sent('A03');
    await rowOf(page, stay, 'obtain-summary').waitFor();
    await eventually('five rows', async () => (await page.locator('tr[data-task]', { hasText: stay.family }).count()) === 5);

    await rowOf(page, stay, 'contact').getByRole('button', { name: 'Why?' }).click();
    const why = page.getByRole('dialog');
    await why.getByText('A discharge was recorded').waitFor();
    await why.getByText(/transitional-care version/).waitFor();
    await why.getByText(/America\/New_York/).waitFor();
    // The whole thread: the sender's own number, the id in every log, the event, the task.
    const [task] = (await stay.tasks()).filter((one) => one.stepId === 'contact');
    const thread = why.getByTestId('thread');
    await thread.getByText(`Message ${stay.mrn}-1 from`).waitFor();
    for (const id of [`Correlation id ${task?.correlationId}`, `Event ${task?.why.because.eventId}`, `Task ${task?.id}`]) await thread.getByText(id).waitFor();
    expect(await hurdles(page)).toEqual([]);
    await escaped(page, 'Why is this here?');

    await rowOf(page, stay, 'obtain-summary').getByRole('button', { name: 'Complete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Complete' }).click();
    await page.getByText('Choose what came of it').waitFor();
    await page.getByRole('dialog').getByRole('radio').first().check();
    await page.getByRole('dialog').getByRole('button', { name: 'Complete' }).click();
    await rowOf(page, stay, 'obtain-summary').waitFor({ state: 'detached' });
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect((await stay.tasks()).find((task) => task.stepId === 'obtain-summary')?.status).toBe('completed');
    expect(await hurdles(page)).toEqual([]);
  });

  it("shows what the hospital's own calendar says beside the visit that has to be found", async () => {
    const stay = new Stay(system);
    await stay.sent('A03');
    const [msh, , pid] = stay.message('A08').split('\r') as [string, string, string];
    const booked = [msh.replace(/ADT\^A08[^|]*/, 'SIU^S12^SIU_S12'), `SCH|AP-${stay.mrn}|||||||Cardiology|30|min|^^^20301112140000-0500`, pid, 'RGS|1', 'AIL|1||Clinic 2'].join('\r');
    expect((await stay.send(`${booked}\r`)).code).toBe('AA');
    const page = await signedIn('Casey');
    await page.goto(`${system.url}/patients/${await stay.patientId()}`);
    await page.getByText('In the calendars of others').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Cardiology' }).filter({ hasText: 'booked at' }).waitFor();
    await page.getByText('To be booked').waitFor();
    expect(await hurdles(page)).toEqual([]);
  });

  it('is usable by keyboard alone', async () => {
    const stay = new Stay(system, 24 * 15);
    await stay.sent('A03');
    const page = await signedIn('Casey');
    await rowOf(page, stay, 'contact').waitFor();
    await page.keyboard.press('j');
    await focusIsIn(page, 'tr[data-task]');
    await page.keyboard.press('w');
    await escaped(page, 'Why is this here?');
    await focusIsIn(page, 'tr[data-task]');
    await page.keyboard.press('Enter');
    await escaped(page, 'Complete task');
    await focusIsIn(page, 'tr[data-task]');
    await page.keyboard.press('/');
    await focusIsIn(page, '[aria-label="Find a patient"]');
    // Enter takes what the whole name found; what half of it found is gone by then.
    const found = page.waitForResponse((response) => response.url().endsWith(`/api/care-plan/patients?query=${stay.family}&limit=10`));
    await page.keyboard.type(stay.family);
    await found;
    await page.getByRole('option', { name: new RegExp(stay.family) }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: new RegExp(stay.family) }).waitFor();
  });

  it('every screen follows: two people see each other\'s work, and evidence clears a task', async () => {
    const stay = new Stay(system);
    await stay.sent('A03');
    await stay.tasksWhen('five tasks', fiveOpen);
    const casey = await signedIn('Casey');
    const nina = await signedIn('Nina');
    await casey.goto(`${system.url}/patients/${await stay.patientId()}`);
    await nina.goto(`${system.url}/?show=all`);
    const theirs = rowOf(nina, stay, 'contact');
    await theirs.getByRole('button', { name: 'Take' }).click();
    await casey.locator('tr[data-step="contact"]').getByText(/nina/i).waitFor();
    await nina.goto(`${system.url}/?show=mine`);
    await theirs.waitFor();

    await casey.getByRole('button', { name: 'Record a contact' }).click();
    const dialog = casey.getByRole('dialog');
    await dialog.getByLabel('Outcome').click();
    await casey.getByRole('option', { name: /Reached/ }).click();
    await dialog.getByRole('button', { name: 'Record' }).click();
    await casey.locator('tr[data-step="contact"][data-status="completed"]').waitFor();
    await theirs.waitFor({ state: 'detached' });
    await dialog.waitFor({ state: 'hidden' });
    await casey.getByText('Discharge recorded').waitFor();
    expect(await hurdles(casey)).toEqual([]);
  });

  it('an old page cannot overwrite what somebody else did', async () => {
    const stay = new Stay(system);
    await stay.sent('A03');
    const [task] = (await stay.tasksWhen('five tasks', fiveOpen)).filter((one) => one.stepId === 'obtain-summary');
    const page = await signedIn('Casey');
    await rowOf(page, stay, 'obtain-summary').getByRole('button', { name: 'Complete' }).click();
    await page.getByRole('dialog').getByRole('radio').first().check();
    await signedIn('Nina');
    const claim = await system.call('POST', `/api/care-plan/tasks/${task?.id}/claim`, { as: 'nurse', body: {}, headers: { 'idempotency-key': `${stay.mrn}-claim`, 'if-match': `"${task?.version}"` } });
    expect(claim.status).toBeLessThan(300);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Complete' }).click();
    await dialog.getByText(/Somebody changed this task.*It is with Nina Nurse now, due in/).waitFor();
    expect(await hurdles(page)).toEqual([]);
    await dialog.getByRole('button', { name: /Go on with the task/ }).click();
    await dialog.getByRole('button', { name: 'Complete' }).click();
    await rowOf(page, stay, 'obtain-summary').waitFor({ state: 'detached' });
    expect((await stay.tasks()).find((one) => one.id === task?.id)?.status).toBe('completed');
  });

  it('a task is taken and given to a colleague by keyboard alone, and is on their screen', async () => {
    const stay = new Stay(system);
    await stay.sent('A03');
    const nina = await signedIn('Nina');
    await nina.goto(`${system.url}/?show=mine`);
    const casey = await signedIn('Casey');
    const row = rowOf(casey, stay, 'contact');
    await row.focus();
    await casey.keyboard.press('c');
    await row.getByText('Me', { exact: true }).waitFor();
    await row.focus();
    await casey.keyboard.press('r');
    await focusIsIn(casey, '[role="dialog"] input');
    await casey.keyboard.type('Nina');
    await casey.getByRole('option', { name: /Nina Nurse/ }).waitFor();
    expect(await hurdles(casey)).toEqual([]);
    await casey.keyboard.press('ArrowDown');
    await casey.keyboard.press('Enter');
    await casey.keyboard.press('Tab');
    await casey.keyboard.press('Tab');
    await casey.keyboard.press('Enter');
    await casey.getByText('Given to Nina Nurse').waitFor();
    await focusIsIn(casey, 'tr[data-step="contact"]');
    await row.getByText('Nina Nurse').waitFor();
    await rowOf(nina, stay, 'contact').waitFor();

    // Back to the team by the mouse, from the other screen.
    await rowOf(nina, stay, 'contact').getByRole('button', { name: /^More/ }).click();
    await nina.getByRole('menuitem', { name: 'Give to somebody' }).click();
    await nina.getByRole('dialog').getByPlaceholder('Type a name').click();
    await nina.getByRole('option', { name: /Back to the team/ }).click();
    await nina.getByRole('dialog').getByRole('button', { name: 'Give' }).click();
    await row.getByText('care-coordination').waitFor();
    await rowOf(nina, stay, 'contact').waitFor({ state: 'detached' });
  });

  it('a snoozed task sinks below the rest on every screen, says why, and comes back by itself or when it is taken up', async () => {
    const stay = new Stay(system);
    await stay.sent('A03');
    const nina = await signedIn('Nina');
    const casey = await signedIn('Casey');
    const row = rowOf(casey, stay, 'contact');
    const sunk = (page: Page) => page.locator('tbody', { hasText: 'Snoozed: back by themselves' }).locator('tr[data-step="contact"]', { hasText: stay.family });
    await row.focus();
    await casey.keyboard.press('s');
    const dialog = casey.getByRole('dialog');
    await focusIsIn(casey, '[role="dialog"]');
    await dialog.getByRole('button', { name: 'Snooze' }).click();
    await dialog.getByText('Choose when it comes back').waitFor();
    expect(await hurdles(casey)).toEqual([]);
    await dialog.getByRole('radio', { name: /In an hour/ }).focus();
    await casey.keyboard.press('Space');
    await dialog.getByLabel('Why').focus();
    await casey.keyboard.press('ArrowDown');
    await casey.getByRole('option', { name: 'Waiting for a call back' }).waitFor();
    await casey.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Snooze' }).focus();
    await casey.keyboard.press('Enter');
    await sunk(casey).getByText(/Snoozed until .*: waiting for a call back/).waitFor();
    await sunk(nina).waitFor();
    expect(await hurdles(casey)).toEqual([]);
    await nina.getByText(/^Snoozed \(/).click();
    await rowOf(nina, stay, 'contact').waitFor();
    await rowOf(nina, stay, 'visit').waitFor({ state: 'detached' });

    await row.focus();
    await casey.keyboard.press('u');
    await sunk(casey).waitFor({ state: 'detached' });
    await row.waitFor();
    await rowOf(nina, stay, 'contact').waitFor({ state: 'detached' });

    const [task] = (await stay.tasks()).filter((one) => one.stepId === 'contact');
    const until = new Date(Date.now() + 10_000).toISOString();
    const again = await system.call('POST', `/api/care-plan/tasks/${task?.id}/snooze`, { as: 'nurse', body: { until, reason: 'patient-asked' }, headers: { 'if-match': `"${task?.version}"` } });
    expect(again.status).toBe(200);
    await sunk(casey).waitFor();
    await sunk(casey).waitFor({ state: 'detached' });
    await row.waitFor();
  });

  it('several tasks are selected and completed at once, and one that somebody changed meanwhile is told apart', async () => {
    const stays = [new Stay(system), new Stay(system), new Stay(system)];
    for (const stay of stays) await stay.sent('A03');
    const page = await signedIn('Casey');
    const rows = stays.map((stay) => rowOf(page, stay, 'obtain-summary'));
    for (const row of rows) {
      await row.focus();
      await page.keyboard.press('x');
    }
    await page.getByRole('region', { name: 'Selected tasks' }).getByText('3 selected').waitFor();
    await rows[2]!.focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Complete the selected tasks' });
    await dialog.getByText('3 × Obtain the discharge information').waitFor();
    expect(await hurdles(page)).toEqual([]);

    const [task] = (await stays[1]!.tasks()).filter((one) => one.stepId === 'obtain-summary');
    const claim = await system.call('POST', `/api/care-plan/tasks/${task?.id}/claim`, { as: 'nurse', body: {}, headers: { 'if-match': `"${task?.version}"` } });
    expect(claim.status).toBe(200);
    await dialog.getByRole('radio', { name: 'Received and in the record' }).check();
    await dialog.getByRole('button', { name: 'Complete 3' }).click();
    await dialog.getByText('2 of 3 completed.').waitFor();
    await dialog.getByText(new RegExp(`${stays[1]!.family}.*Somebody changed this task`)).waitFor();
    expect(await hurdles(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await rows[0]!.waitFor({ state: 'detached' });
    await rows[2]!.waitFor({ state: 'detached' });
    await page.getByText('1 selected').waitFor();
    await rows[1]!.focus();
    await page.keyboard.press('Escape');
    await page.getByText('1 selected').waitFor({ state: 'detached' });
    await page.keyboard.press('Shift+?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await hurdles(page)).toEqual([]);
  });

  it('refers a patient: what is missing is said where it is missing, the tasks come on the list, and why', async () => {
    const page = await signedIn('Casey');
    await page.getByRole('link', { name: 'Refer a patient' }).click();
    const form = page.getByRole('form', { name: 'Refer a patient' });
    await form.getByRole('button', { name: 'Refer', exact: true }).click();
    await form.getByText('Give the family name').waitFor();
    await eventually('the first wrong field has the focus', () => page.evaluate(() => document.activeElement?.getAttribute('aria-invalid') === 'true'));
    expect(await hurdles(page)).toEqual([]);
    await form.getByLabel('Number').fill('M-77');
    await form.getByLabel('Given by').fill('Plan North');
    await form.getByLabel('Family name').fill('Ashdown');
    await form.getByLabel('Given name').fill('Robin');
    await form.getByRole('combobox', { name: 'Who asks' }).click();
    await page.getByRole('option', { name: 'A payer' }).click();
    await form.getByLabel('Reason').fill('New diagnosis');
    await form.getByLabel(/^Urgent/).check();
    await form.getByRole('button', { name: 'Refer', exact: true }).click();
    await form.getByText('Referral received').waitFor();
    expect(await hurdles(page)).toEqual([]);
    await form.getByRole('link', { name: 'worklist', exact: true }).click();
    const row = page.locator('tr[data-step="contact"]', { hasText: 'Ashdown' });
    await row.getByText('Referred by a payer').waitFor();
    await row.getByText('urgent', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Why?' }).click();
    await page.getByRole('dialog').getByText('A referral was recorded').waitFor();
    await page.getByRole('dialog').getByText(/community-referral version 1/).waitFor();
    await escaped(page, 'Why is this here?');
  });

  whoIsWho(() => system, () => screen);
  theOperationsRoom(() => system, () => screen);

  it('no token reaches the page, signing out ends the session, and nothing complained', async () => {
    const page = await signedIn('Casey');
    const { visible, stored } = await page.evaluate(async () => ({ visible: document.cookie + (await (await fetch('/session')).text()), stored: JSON.stringify({ ...localStorage, ...sessionStorage }) }));
    expect(visible + stored).not.toMatch(/eyJ/);
    const cookies = (await page.context().cookies()).filter((cookie) => !cookie.domain.includes('issuer'));
    expect(cookies.some((cookie) => cookie.httpOnly && cookie.sameSite === 'Strict')).toBe(true);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await eventually('signed out', async () => (await page.request.get(`${system.url}/session`)).status() === 401);
    expect(screen.complaints.filter((one) => !/412|notification\/stream|readyz/.test(one))).toEqual([]);
  });
});
