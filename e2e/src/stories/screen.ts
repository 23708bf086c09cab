import { AxeBuilder } from '@axe-core/playwright';
import { eventually, type System } from '@throughline/testing/system';
import { chromium, type Browser, type Page } from 'playwright-core';

const PASSWORD = /Password:\s+(\S+)/;

/** People at their screens: a real browser, the console behind `front`. */
export class Screen {
  /** What any page wrote to its console as an error, or threw. */
  readonly complaints: string[] = [];

  private constructor(
    readonly system: System,
    readonly browser: Browser,
  ) {}

  static async open(system: System): Promise<Screen> {
    return new Screen(system, await chromium.launch({ executablePath: process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] }));
  }

  /** Signs in and waits for the page that the person begins with. */
  async signedIn(user: string, beginsWith = 'Worklist'): Promise<Page> {
    const page = await (await this.browser.newContext({ viewport: { width: 1360, height: 900 }, reducedMotion: 'reduce' })).newPage();
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // The first question "is anybody signed in?" is answered 401, which the browser writes down.
      if (message.type() === 'error' && !/401/.test(message.text())) this.complaints.push(`${message.text()} ${message.location().url}`);
    });
    await page.goto(this.system.url);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel(new RegExp(user, 'i')).check();
    await page.getByLabel('Password').fill(PASSWORD.exec(this.system.output())?.[1] ?? '');
    await page.getByRole('button', { name: /sign in/i }).click();
    await page.getByRole('heading', { name: beginsWith, exact: true }).waitFor();
    return page;
  }

  /** Every page that is left open reads its list again whenever anything happens. */
  async leave(): Promise<void> {
    await Promise.all(this.browser.contexts().map((context) => context.close()));
  }
}

/** What keeps somebody from using the page as it is now. */
export const hurdles = async (page: Page): Promise<string[]> =>
  (await new AxeBuilder({ page }).analyze()).violations.filter((one) => one.impact === 'serious' || one.impact === 'critical').map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);

/** The library moves the focus by a timer, into a dialog and back: a key pressed before that goes to nobody. */
export const focusIsIn = (page: Page, selector: string): Promise<boolean> =>
  eventually(`the focus is in ${selector}`, () => page.evaluate((within) => !!document.activeElement?.closest(within), selector)) as Promise<boolean>;

export const escaped = async (page: Page, dialog: string | RegExp): Promise<void> => {
  await page.getByRole('dialog', { name: dialog }).waitFor();
  await focusIsIn(page, '[role="dialog"]');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
};
