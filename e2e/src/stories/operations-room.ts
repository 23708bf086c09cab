import { eventually, type System } from '@throughline/testing/system';
import pg from 'pg';
import { escaped, hurdles, type Screen } from './screen.js';
import { fiveOpen, Stay, type Page } from './ward.js';

const READ_AGAIN = '**/api/intake/inbound/*/replay';

/** Who looks after the system sees how it is, and does what is theirs to do, without a terminal and without the worklist. */
export const theOperationsRoom = (system: () => System, screen: () => Screen): void => {
  let database: pg.Client;
  const room = () => screen().signedIn('Olga', 'Operations');
  /** A discharge that says of nobody that they left. */
  const unreadable = async (stay: Stay): Promise<string> => {
    const message = stay.message('A03');
    expect((await stay.send(message.split('\r').filter((segment) => !segment.startsWith('PID')).join('\r'))).code).toBe('AE');
    return message;
  };
  /** As if a later version could read it. */
  const nowReadable = (message: string): Promise<unknown> =>
    database.query('update intake.inbound set raw = $1, hash = sha256($1) where control_id = $2', [Buffer.from(message), message.split('|')[9]]);

  describe('the operations room', () => {
    beforeAll(async () => {
      database = new pg.Client({ connectionString: String(system().instance()['databaseUrl']) });
      await database.connect();
    });
    afterAll(() => database?.end());

    it('shows what could not be read and why, opens it, and reads it again', async () => {
      const stay = new Stay(system());
      const message = await unreadable(stay);
      const page = await room();
      const row = page.locator('tr[data-inbound]', { hasText: `${stay.mrn}-1` });
      await row.getByText(/^\d{3} .*PID/).waitFor();
      await page.getByText('Ready', { exact: true }).waitFor();
      await page.getByText('Nothing is parked').waitFor();
      // She sees no patient: nothing of the worklist is offered, and nothing of it is asked for.
      expect(await page.getByLabel('Find a patient').or(page.getByRole('link', { name: /Refer|Duplicates/ })).count()).toBe(0);
      expect(screen().complaints.filter((one) => /status of 403/.test(one))).toEqual([]);
      expect(await hurdles(page)).toEqual([]);

      await row.getByRole('button', { name: /^Show/ }).click();
      await page.getByRole('dialog').getByRole('region', { name: 'The message' }).getByText(/EVN\|A03/).waitFor();
      expect(await hurdles(page)).toEqual([]);
      await escaped(page, /A03/);
      const { items } = await system().get<Page<{ action: string; actor: string }>>('/api/intake/audit?limit=20', 'admin');
      expect(items.filter(({ actor }) => actor === 'olga.operator')).toHaveLength(1);

      const again = row.getByRole('button', { name: /^Read again/ });
      await again.click();
      await page.getByText(`Still not readable: A03 ${stay.mrn}-1`).waitFor();
      await nowReadable(message);
      await again.focus();
      await page.keyboard.press('Enter');
      await page.getByText(`Accepted: A03 ${stay.mrn}-1`).waitFor();
      await row.waitFor({ state: 'detached' });
      expect(await hurdles(page)).toEqual([]);
      await stay.tasksWhen('five tasks', fiveOpen);
    });

    it('reads everything in quarantine again, counts what came of it, and stops when it is told to', async () => {
      const stays = [new Stay(system()), new Stay(system()), new Stay(system())];
      const messages: string[] = [];
      for (const stay of stays) messages.push(await unreadable(stay));
      await nowReadable(messages[1]!);
      const { items: all } = await system().get<Page<unknown>>('/api/intake/inbound?outcome=quarantined&limit=200', 'operator');
      const page = await room();
      let first = (): void => undefined;
      const asked = new Promise<void>((resolve) => (first = resolve));
      let goOn = (): void => undefined;
      const held = new Promise<void>((resolve) => (goOn = resolve));
      await page.route(READ_AGAIN, async (route) => {
        first();
        await held;
        await route.continue();
      });
      await page.getByRole('button', { name: 'Read all again' }).click();
      await asked;
      await page.getByText(`0 of ${all.length} read, 0 accepted`).waitFor();
      expect(await hurdles(page)).toEqual([]);
      await page.getByRole('button', { name: 'Stop' }).click();
      goOn();
      await page.getByText(`1 of ${all.length} read again: 0 accepted, 1 still in quarantine.`).waitFor();
      await page.unroute(READ_AGAIN);

      await page.getByRole('button', { name: 'Read all again' }).click();
      await page.getByText(`${all.length} of ${all.length} read again: 1 accepted, ${all.length - 1} still in quarantine.`).waitFor();
      await page.locator('tr[data-inbound]', { hasText: `${stays[1]!.mrn}-1` }).waitFor({ state: 'detached' });
      expect(await hurdles(page)).toEqual([]);
    });

    it('shows what a service could not handle, and has it handled when the defect is repaired', async () => {
      const stay = new Stay(system());
      await stay.sent('A01');
      const patientId = await stay.patientId();
      await database.query(`alter table care_plan.episode add constraint story_defect check (patient_id <> ${pg.escapeLiteral(patientId)}) not valid`);
      const repaired = (): Promise<unknown> => database.query('alter table care_plan.episode drop constraint if exists story_defect');
      try {
        await stay.sent('A03');
        await eventually('it is parked', async () => (await system().get<Page<unknown>>('/api/care-plan/parked', 'operator')).items.length > 0);
        const page = await room();
        const row = page.locator('tr[data-parked]', { hasText: 'care.discharge.recorded.v1' });
        await row.getByText('a defect: it failed by itself').waitFor();
        expect(await hurdles(page)).toEqual([]);
        await row.getByRole('button', { name: /^Show/ }).click();
        await page.getByRole('dialog').getByText(/story_defect/).first().waitFor();
        await page.getByRole('dialog').getByRole('region', { name: 'The message' }).getByText(patientId).first().waitFor();
        await escaped(page, /^care-plan \d+/);

        await row.getByRole('button', { name: /^Try again/ }).click();
        await page.getByText('It failed again').waitFor();
        await repaired();
        await row.getByRole('button', { name: /^Try again/ }).click();
        await page.getByText('Handled', { exact: true }).waitFor();
        await page.getByText('Nothing is parked').waitFor();
        await stay.tasksWhen('five tasks', fiveOpen);
      } finally {
        await repaired();
      }
    });

    it('tells who sends, and what is wrong with the system', async () => {
      await new Stay(system()).sent('A01');
      await eventually('senders are counted', async () => (await system().get<Page<unknown>>('/api/intake/senders', 'operator')).items.length > 0, 100);
      const page = await room();
      await page.locator('tr[data-sender="WARDS|NORTHSHORE"]').getByText('new: too little is known').waitFor();
      await page.route('**/readyz', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ status: 'unavailable', reasons: ['care-plan: database: does not answer'], degraded: ['notification: smtp: e-mail is delayed'] }) }));
      await page.reload();
      await page.getByText('Not ready', { exact: true }).waitFor();
      await page.getByText('care-plan: database: does not answer').waitFor();
      await page.getByText('notification: smtp: e-mail is delayed').waitFor();
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await hurdles(page)).toEqual([]);
    });
  });
};
