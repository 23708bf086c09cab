import { hl7Time } from '@throughline/testing/hl7-builder';
import { eventually, throughline, type System } from '@throughline/testing/system';
import { fiveOpen, quiet, Stay, type Page } from './ward.js';

interface Shown {
  readonly patient: { readonly id: string; readonly name: string | null; readonly recordNumber: string | null };
}

const MINUTE = 60_000;

/** What a hospital says about who is who, and whether there was a stay at all: seen from a coordinator's list. */
export const thePersons = (system: () => System): void => {
  const after = (stay: Stay, minutes: number): string => hl7Time(new Date(stay.leftAt.getTime() + minutes * MINUTE));
  const takenOver = (stay: Stay): readonly string[] => [`MRG|${stay.mrn}^^^NSH^MR`];
  /** Every list that shows a patient, by whichever of their ids. */
  const shownIn = async (path: string, patientId: string): Promise<readonly Shown['patient'][]> => (await system().get<Page<Shown>>(`${path}patient=${patientId}&limit=200`)).items.map(({ patient }) => patient);
  const LISTS = ['/api/care-plan/tasks?status=open&', '/api/medication-reconciliation/reconciliations?', '/api/scheduling/follow-ups?'];

  describe('two records of one person', () => {
    it('are one in every list, and two again when a person says so', async () => {
      const [old, standing] = [new Stay(system(), 5), new Stay(system(), 30)];
      await old.sent('A03');
      await standing.sent('A04', { patientClass: 'O' });
      await old.tasksWhen('five tasks', fiveOpen);
      const [retired, survivor] = [await old.patientId(), await standing.patientId()];

      await standing.sent('A40', { recordedAt: after(old, 10), moreSegments: takenOver(old) });
      for (const list of LISTS) {
        await eventually(`${list} shows the record that stands`, async () => {
          const seen = [...(await shownIn(list, retired)), ...(await shownIn(list, survivor))];
          if (seen.length === 0 || seen.some(({ id }) => id !== survivor)) throw new Error(JSON.stringify(seen));
          return seen.every(({ recordNumber }) => recordNumber === standing.mrn);
        });
      }
      // One discharge, so one follow-up, whichever id is asked for.
      for (const id of [retired, survivor]) expect(await shownIn(LISTS[0]!, id)).toHaveLength(5);

      const run = await throughline(['patients', 'unmerge', retired, '--reason', 'two people of one name', '--home', system().home]);
      expect(run).toMatchObject({ code: 0 });
      await eventually('the old record stands by itself', async () => (await shownIn(LISTS[0]!, retired)).length === 5 && (await shownIn(LISTS[0]!, retired)).every(({ id }) => id === retired));
      expect(await shownIn(LISTS[0]!, survivor)).toEqual([]);
    });

    it('have one newest discharge: the follow-up of the earlier one ends', async () => {
      const [earlier, later] = [new Stay(system(), 200), new Stay(system(), 2)];
      await earlier.sent('A03');
      await later.sent('A03');
      await earlier.tasksWhen('five tasks', fiveOpen);
      await later.tasksWhen('five tasks', fiveOpen);
      await later.sent('A40', { recordedAt: after(later, 10), moreSegments: takenOver(earlier) });
      await eventually('one open follow-up', async () => {
        const episodes = await later.episodes();
        return episodes.length === 2 && episodes.map(({ status }) => status).sort().join() === 'open,superseded';
      });
    });
  });

  describe('a stay that was none', () => {
    it('takes its follow-up back, also when that is heard of first', async () => {
      const [deleted, before] = [new Stay(system(), 3), new Stay(system(), 3)];
      await deleted.sent('A03');
      await deleted.tasksWhen('five tasks', fiveOpen);
      await deleted.sent('A23', { recordedAt: after(deleted, 10) });
      await deleted.tasksWhen('all withdrawn', (tasks) => tasks.length === 5 && tasks.every(({ status }) => status === 'withdrawn'));

      await before.sent('A11', { recordedAt: after(before, 10) });
      await before.sent('A03');
      await quiet(system());
      expect(await before.episodes()).toEqual([]);
    });

    it('no longer keeps a follow-up waiting that it had paused', async () => {
      const stay = new Stay(system(), 30);
      await stay.sent('A03');
      await stay.tasksWhen('five tasks', fiveOpen);
      const again = { visit: `${stay.visit}X`, admittedAt: after(stay, 60), recordedAt: after(stay, 60) };
      await stay.sent('A01', again);
      await eventually('the follow-up waits', async () => (await stay.episodes())[0]?.status === 'paused');
      await stay.sent('A11', { ...again, recordedAt: after(stay, 90) });
      await eventually('it goes on', async () => (await stay.episodes())[0]?.status === 'open');
    });
  });
};
