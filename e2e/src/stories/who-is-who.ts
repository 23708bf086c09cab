import type { System } from '@throughline/testing/system';
import { escaped, focusIsIn, hurdles, type Screen } from './screen.js';
import { fiveOpen, Stay, type Page } from './ward.js';

/** Two records that look like one person: a machine shows them, and a person says what they are. */
export const whoIsWho = (system: () => System, screen: () => Screen): void => {
  const idOf = async ({ mrn }: Stay): Promise<string> => (await system().get<Page<{ id: string }>>(`/api/intake/patients?query=${mrn}`)).items[0]!.id;

  describe('two records that look like one person', () => {
    it('are put together by a person who says why, parted again, and told apart for good', async () => {
      const [old, standing] = [new Stay(system(), 5), new Stay(system(), 30)];
      await old.sent('A03');
      await standing.sent('A03', { family: old.family });
      await old.tasksWhen('five tasks', fiveOpen);
      const [oldId, standingId] = [await idOf(old), await idOf(standing)];
      const page = await screen().signedIn('Casey');
      await page.getByRole('link', { name: 'Duplicates' }).click();
      const pair = page.locator('section[data-pair]', { hasText: old.mrn });
      await pair.getByRole('heading', { name: 'Same name, birth date, sex, and telephone' }).waitFor();
      await pair.getByText(`record ${standing.mrn} of NSH`).waitFor();
      expect(await pair.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')).sort())).toEqual([`/patients/${oldId}`, `/patients/${standingId}`].sort());
      expect(await hurdles(page)).toEqual([]);
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await hurdles(page)).toEqual([]);

      await pair.getByRole('button', { name: /^One person/ }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'One person' }).click();
      await dialog.getByText('Choose the record that stands').waitFor();
      await dialog.getByText('Say how you know').waitFor();
      expect(await hurdles(page)).toEqual([]);
      await dialog.getByRole('radio', { name: new RegExp(old.family) }).and(dialog.locator(`[value="${standingId}"]`)).check();
      await dialog.getByLabel('Reason').fill('One insurance card, seen at the desk');
      await dialog.getByRole('button', { name: 'One person' }).click();
      await page.getByText('One person from now on.').waitFor();
      await pair.waitFor({ state: 'detached' });

      await page.goto(`${system().url}/patients/${oldId}`);
      const records = page.getByRole('region', { name: 'Records of this person' });
      await records.getByText(`record ${standing.mrn} of NSH`).waitFor();
      expect(await hurdles(page)).toEqual([]);
      await records.getByRole('button', { name: new RegExp(`${old.mrn} of NSH`) }).click();
      await dialog.getByLabel('Reason').fill('Two people of one name, as it turned out');
      await dialog.getByRole('button', { name: 'Part them' }).click();
      await records.waitFor({ state: 'detached' });

      await page.getByRole('link', { name: 'Duplicates' }).click();
      await pair.getByRole('button', { name: /^Two persons/ }).focus();
      await page.keyboard.press('Enter');
      await escaped(page, 'Two persons');
      await focusIsIn(page, 'section[data-pair]');
      await page.keyboard.press('Enter');
      await focusIsIn(page, '[role="dialog"]');
      expect(await hurdles(page)).toEqual([]);
      await dialog.getByLabel('Reason').focus();
      await page.keyboard.type('Both were called: two people');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByText('They are not shown as a pair again.').first().waitFor();
      await pair.waitFor({ state: 'detached' });
      const { items } = await system().get<Page<{ records: readonly { id: string }[] }>>('/api/intake/duplicates?limit=200');
      expect(items.filter(({ records: both }) => both.some(({ id }) => id === oldId))).toEqual([]);
    });

    it('are no matter of a nurse: nothing is offered, and the address says whose it is', async () => {
      const page = await screen().signedIn('Nina');
      expect(await page.getByRole('link', { name: 'Duplicates' }).count()).toBe(0);
      await page.goto(`${system().url}/duplicates`);
      await page.getByText('Coordinators and administrators say who is who.').waitFor();
      await page.goto(`${system().url}/operations`);
      await page.getByText('Operators and administrators look after the system here.').waitFor();
    });
  });
};
